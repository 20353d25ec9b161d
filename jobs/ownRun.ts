import { TillcastError } from '../lib/core/errors.ts';
import { handRunId } from '../lib/core/slots.ts';
import { openRun, type Run } from '../lib/postgres/ledger.ts';
import { adoptLeftRun } from './adopt.ts';
import { withLease } from './lease.ts';
import type { Pipeline, Report } from './pipeline.ts';
import { withKeptLog } from './runReport.ts';
import { failRun } from './runs.ts';

const patienceMs = 60_000;

/**
 * Holds the place with a run of its own while `work` makes something anew, so that no hour runs meanwhile; a run that a
 * killed process left is finished first. Where `work` fails the run ends failed, with its reason.
 * @throws TillcastError ETL_RUN_OPEN where another run is under way
 */
export async function withOwnRun<T>(
  pipeline: Pipeline,
  kind: Readonly<{ trigger: 'replay' | 'repair'; readsFiles: boolean }>,
  report: Report,
  work: (run: Run, signal: AbortSignal, report: Report) => Promise<T>,
): Promise<{ runId: string; result: T }> {
  await adoptLeftRun(pipeline, report, patienceMs);
  const runId = handRunId(new Date(), kind.trigger);
  const opening = await openRun(pipeline.db, { runId, ...kind, slot: null, covers: [] });
  if (!('opened' in opening)) {
    const other = 'occupied' in opening ? opening.occupied : opening.known;
    throw new TillcastError(
      'ETL_RUN_OPEN',
      `run ${other.run_id} is under way since ${other.opened_at.toISOString()}: try again when it is done`,
    );
  }
  try {
    return {
      runId,
      result: await withKeptLog(pipeline, runId, report, (kept) =>
        withLease(pipeline, runId, (run, signal) => work(run, signal, kept)),
      ),
    };
  } catch (error) {
    await failRun(pipeline, runId, error).catch(() => undefined);
    throw error;
  }
}
