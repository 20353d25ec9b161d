import { TillcastError } from '../lib/core/errors.ts';
import type { Run } from '../lib/postgres/ledger.ts';
import { storedOffsets } from '../lib/postgres/offsets.ts';
import { reopenStep, stepDone } from '../lib/postgres/runSteps.ts';
import { countStaged } from '../lib/postgres/staging.ts';
import { applyLanes } from './applyLanes.ts';
import type { Pipeline, Report } from './pipeline.ts';
import { offsetRanges, type ReadDetail, readStep } from './readStep.ts';
import { runStep } from './runStep.ts';

/** What was read; `postgresMs` is null where an earlier attempt had applied it already. */
export type Counted = Readonly<{ read: ReadDetail; postgresMs: number | null }>;

/**
 * The first half of the consumer: read → apply. When it returns the run's rows count in PostgreSQL.
 * @throws TillcastError of the step that failed, ETL_RUN_DATA where no producer finished
 */
export async function countRows(pipeline: Pipeline, run: Run, signal: AbortSignal, report: Report): Promise<Counted> {
  const { db } = pipeline;
  const produced = await stepDone(db, run.run_seq, 'produce');
  if (produced === undefined) {
    throw new TillcastError(
      'ETL_RUN_DATA',
      `run ${run.run_id} has no producer result: its producer did not finish, so there is nothing to count; retry the ` +
        'producer job, or start a run by adding a job with {} to etl-run',
    );
  }
  const read = (await readAgainIfLost(pipeline, run, signal, report)) as ReadDetail;
  report('read', 30);
  const appliedBefore = (await stepDone(db, run.run_seq, 'apply')) !== undefined;
  const appliedFrom = performance.now();
  await runStep(pipeline, run, 'apply', report, async (attempt) => {
    signal.throwIfAborted();
    await applyLanes(pipeline, run, read, attempt);
    return undefined;
  });
  report('applied', 60);
  return { read, postgresMs: appliedBefore ? null : performance.now() - appliedFrom };
}

/** A read that is recorded but no longer fits is read once more: its rows are gone, or its offsets moved on since. */
async function readAgainIfLost(pipeline: Pipeline, run: Run, signal: AbortSignal, report: Report) {
  const { db } = pipeline;
  const done = (await stepDone(db, run.run_seq, 'read')) as ReadDetail | undefined;
  const applied = await stepDone(db, run.run_seq, 'apply');
  if (done !== undefined && applied === undefined) {
    const why = await outOfDate(pipeline, done);
    if (why !== undefined) await reopenStep(db, run.run_seq, 'read', why);
  }
  return runStep(pipeline, run, 'read', report, () => readStep(pipeline, run, signal));
}

async function outOfDate(pipeline: Pipeline, done: ReadDetail): Promise<string | undefined> {
  // An earlier version of tillcast kept one place in staging, and said so otherwise.
  if (done.lanes === undefined) return 'an earlier version of tillcast read it';
  const staged = await countStaged(
    pipeline.db,
    done.lanes.map(({ reading }) => reading),
  );
  if (staged !== done.rows) return `staging held ${staged} of ${done.rows} rows: PostgreSQL lost it in a crash`;
  const topic = await pipeline.topic();
  if (topic !== done.topic) return `it read ${done.topic}, and rows go through ${topic} now`;
  const stored = new Map((await storedOffsets(pipeline.db, topic)).map((at) => [at.partition, at.nextOffset]));
  const moved = offsetRanges(done).find(({ partition, from }) => (stored.get(partition) ?? from) !== from);
  return moved === undefined ? undefined : `offsets of partition ${moved.partition} were counted since it read`;
}
