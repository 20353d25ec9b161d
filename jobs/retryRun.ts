import { findRun, openRunRow, type Run } from '../lib/postgres/ledger.ts';
import type { Database } from '../lib/postgres/pool.ts';
import { laterGoodRun } from '../lib/postgres/runHistory.ts';
import { reopenRun } from '../lib/postgres/runProgress.ts';
import { type Queues, retryFailedStep } from '../lib/queue/queues.ts';
import type { Pipeline } from './pipeline.ts';

/** What became of the wish to try a run again; `because` is a fragment of a sentence for the person. */
export type RetryResult = Readonly<{ outcome: 'started' | 'left' | 'unknown'; because: string }>;

/**
 * Goes on with a failed run from the first step that is not done. Safe whenever it is asked for: steps that are done are
 * passed over, events count once, one run at a time holds the place.
 */
export async function retryRun(pipeline: Pipeline, queues: Queues, runId: string): Promise<RetryResult> {
  const { db } = pipeline;
  const run = await findRun(db, runId);
  if (run === undefined) return { outcome: 'unknown', because: `there is no run ${runId}` };
  if (run.status !== 'failed') {
    const what = run.status === 'running' ? 'is under way' : 'ended well';
    return { outcome: 'left', because: `run ${runId} ${what}: there is nothing to try again` };
  }
  const left = await whyLeft(db, run);
  if (left !== undefined) return { outcome: 'left', because: left };
  return goOnWith(pipeline, queues, run);
}

/** Why trying a failed run again would do nothing, as a fragment of a sentence; undefined where it would do something. */
export async function whyLeft(db: Database, run: Run): Promise<string | undefined> {
  const later = await laterGoodRun(db, run.run_seq);
  if (later !== undefined) return `run ${later.run_id} made good what this one had to do: nothing is left of it`;
  const open = await openRunRow(db);
  return open && `run ${open.run_id} is under way, and brings in all that this one had to`;
}

/** Its failed job, or, where the queue lost it, the run itself, which a worker takes up within seconds. */
export async function goOnWith(pipeline: Pipeline, queues: Queues, { run_id }: Run): Promise<RetryResult> {
  const step = await retryFailedStep(queues, run_id);
  if (step !== undefined) return { outcome: 'started', because: `its ${step} job is tried again` };
  if (await reopenRun(pipeline.db, run_id)) {
    return { outcome: 'started', because: 'the queue lost it: opened again, a worker goes on' };
  }
  return { outcome: 'left', because: 'another run is under way, which covers it' };
}
