import { messageOf, TillcastError } from '../lib/core/errors.ts';
import { findRun, finishRun } from '../lib/postgres/ledger.ts';
import { stepDone } from '../lib/postgres/runSteps.ts';
import { consume } from './consume.ts';
import { withLease } from './lease.ts';
import type { Pipeline, Report } from './pipeline.ts';
import { produceStep } from './produceStep.ts';
import { publishFailure } from './publishStep.ts';
import { withKeptLog } from './runReport.ts';
import { runStep } from './runStep.ts';

/** The producer half of a run; done already = passed over. */
export async function produceRun(pipeline: Pipeline, runId: string, report: Report): Promise<object> {
  if (await isFinished(pipeline, runId)) return { run_id: runId, already: 'finished' };
  return withKeptLog(pipeline, runId, report, (kept) =>
    withLease(pipeline, runId, async (run, signal) => {
      const work = () => produceStep(pipeline, run, signal, kept);
      const detail = await runStep(pipeline, run, 'produce', kept, work);
      return { run_id: runId, ...detail };
    }),
  );
}

/** The consumer half of a run; goes on from the first step not done. */
export async function consumeRun(pipeline: Pipeline, runId: string, report: Report): Promise<object> {
  if (!(await isFinished(pipeline, runId))) {
    await refuseFailedProducer(pipeline, runId);
    await withKeptLog(pipeline, runId, report, (kept) =>
      withLease(pipeline, runId, (run, signal) => consume(pipeline, run, signal, kept)),
    );
  }
  const run = await findRun(pipeline.db, runId);
  return { run_id: runId, status: run?.status, rows_new: run?.rows_new };
}

/** Forgetting a failed producer's job sets its consumer free: claiming would open the failed run and hide its reason. */
async function refuseFailedProducer({ db }: Pipeline, runId: string): Promise<void> {
  const run = await findRun(db, runId);
  if (run?.status !== 'failed' || (await stepDone(db, run.run_seq, 'produce')) !== undefined) return;
  throw new TillcastError('ETL_RUN_DATA', `run ${runId} failed in its producer: retry the job produce-${runId}`);
}

/** Whether the error says that another holds the run now: then its end is the other's business. */
export function wasTaken(error: unknown): boolean {
  // The queue wraps what cannot be mended by trying again.
  const told = error instanceof TillcastError ? error : (error as Error | undefined)?.cause;
  return told instanceof TillcastError && (told.code === 'ETL_STALE' || told.code === 'ETL_RUN_OPEN');
}

/** Ends a run that will not be tried again, in the ledger and in run_info.csv, with its reason. */
export async function failRun(pipeline: Pipeline, runId: string, error: unknown): Promise<void> {
  const run = await findRun(pipeline.db, runId);
  if (run === undefined || run.finished_at !== null || run.holder !== null || wasTaken(error)) return;
  const reason = messageOf(error);
  try {
    // While the run still holds the place, so that no other run publishes meanwhile.
    await publishFailure(pipeline, run, reason);
  } finally {
    await finishRun(pipeline.db, runId, 'failed', reason);
  }
}

async function isFinished(pipeline: Pipeline, runId: string): Promise<boolean> {
  const run = await findRun(pipeline.db, runId);
  return run?.status === 'succeeded' || run?.status === 'succeeded_with_warnings';
}
