import { TillcastError } from '../lib/core/errors.ts';
import { type ApplyInput, applyRun } from '../lib/postgres/apply.ts';
import { assertHeld, isStale } from '../lib/postgres/heldRun.ts';
import type { Run } from '../lib/postgres/ledger.ts';
import { failPoint } from './failPoint.ts';
import { inLanes } from './inLanes.ts';
import type { Pipeline } from './pipeline.ts';
import { offsetRanges, type ReadDetail } from './readStep.ts';
import type { StagedLane } from './stagingLanes.ts';

/** Lanes share rows of stores and items: each waits until the one before it has committed. */
const lockTimeoutMs = 600_000;

/**
 * Makes what was read count: one transaction, or for many rows one per lane, side by side, each with the offsets of its
 * partitions, and a last one that ends the step and makes file watermarks final. What a lane counted stays counted: a
 * retry reads the rest.
 * @throws TillcastError ETL_STALE if the run was taken, ETL_PG otherwise
 */
export async function applyLanes(pipeline: Pipeline, run: Run, read: ReadDetail, attempt: number): Promise<void> {
  const { db, settings } = pipeline;
  const all = { runSeq: run.run_seq, holder: run.holder, topic: read.topic, timeZone: settings.timeZone };
  const failPoints = {
    beforeCommit: () => failPoint(settings, 'before_commit'),
    commitSent: () => failPoint(settings, 'commit_sent'),
  };
  const ranges = offsetRanges(read);
  const [only, ...others] = read.lanes;
  if (only !== undefined && others.length === 0) {
    await applyRun(db, { ...all, ...failPoints, attempt, rows: staged(only), complete: true, ranges });
    return;
  }
  const noRows = { ...all, rows: { events: [] }, ranges: [] };
  // Rules that changed are settled first: the row that says so is one for all lanes.
  await applyRun(db, { ...noRows, attempt: null, complete: false });
  await inLanes(read.lanes, read.strays ? 1 : read.lanes.length, (lane) =>
    applyLane(pipeline, run, {
      ...all,
      ...failPoints,
      attempt: null,
      rows: staged(lane),
      complete: false,
      lockTimeoutMs,
      ranges: ranges.filter(({ partition }) => lane.partitions.includes(partition)),
    }),
  );
  await applyRun(db, { ...noRows, ...failPoints, attempt, complete: true });
}

const staged = ({ reading, rows }: StagedLane) => ({ reading, stagedRows: rows });

/** Offsets that moved while the run is ours: a COMMIT of this run whose answer was lost has come through. */
async function applyLane({ db }: Pipeline, run: Run, input: ApplyInput): Promise<void> {
  try {
    await applyRun(db, input);
  } catch (error) {
    if (!isStale(error)) throw error;
    await assertHeld(db, run);
    throw new TillcastError('ETL_PG', 'an earlier attempt had counted some of the rows: the rest is read again', {
      retryable: true,
      cause: error,
    });
  }
}
