import { messageOf } from '../lib/core/errors.ts';
import { deleteDocuments, dropMirror, type Mirror, openMirror, setDocuments } from '../lib/mongo/mirror.ts';
import { dataClock } from '../lib/postgres/dataClock.ts';
import { baseRunSeq } from '../lib/postgres/foldDeltas.ts';
import { assertHeld } from '../lib/postgres/heldRun.ts';
import { findRun, type Run, warnRun } from '../lib/postgres/ledger.ts';
import {
  type MirrorItem,
  noteMirroredItems,
  noteMirroredRun,
  runDeltas,
  touchedItems,
  type UnmirroredRun,
  unmirroredRuns,
} from '../lib/postgres/mirrorRows.ts';
import {
  forgetMirrored,
  markMirrorDue,
  markMirrorStale,
  mirrorState,
  noteMirrorChecked,
  noteMirrorMade,
} from '../lib/postgres/mirrorState.ts';
import { failPoint } from './failPoint.ts';
import { foldOldDeltas } from './foldOldDeltas.ts';
import { mirrorDifferences } from './mirrorCheck.ts';
import type { Pipeline } from './pipeline.ts';

/** `repaired`: pairs that the comparison of a closed day found different. */
export type MirrorDetail = Readonly<{ runs: number; pairs: number; deltas: number; repaired: number }>;

/**
 * Step 3: PostgreSQL's rows of runs that MongoDB does not hold yet, in order, by deterministic `_id`. Values are set,
 * so a repeat changes nothing. Once per closed day all totals are compared, and set again where they differ.
 * @throws TillcastError ETL_MONGO_WRITE, ETL_STALE as soon as the run is no longer ours
 */
export async function mirrorStep(pipeline: Pipeline, held: Run, signal: AbortSignal): Promise<MirrorDetail> {
  const { db } = pipeline;
  const { stale, due, checkedOn } = await mirrorState(db);
  const { closedDay } = await dataClock(db);
  const dayToCheck = closedDay !== null && checkedOn !== closedDay;
  if ((await unmirroredRuns(db)).length === 0 && !stale && !due && !dayToCheck) {
    return { runs: 0, pairs: 0, deltas: 0, repaired: 0 };
  }
  const mirror = await openMirror(pipeline.urls.mongodbUrl, pipeline.settings.dataset);
  const work: Work = { pipeline, held, signal, mirror };
  try {
    if (stale) await beginAnew(work);
    const runs = await unmirroredRuns(db);
    const deltas = await mirrorDeltas(work, stale ? [{ run_seq: baseRunSeq, run_id: 'base' }, ...runs] : runs);
    const pairs = await mirrorItems(work, runs);
    for (const { run_id, run_seq } of runs) {
      const run = (await findRun(db, run_id)) as Run;
      await setDocuments(mirror, 'run', [{ id: run_id, known: false, values: runDocument(run) }]);
      failPoint(pipeline.settings, 'before_mirror_flag');
      await assertHeld(db, held);
      await noteMirroredRun(db, run_seq);
    }
    if (stale) await noteMirrorMade(db, held);
    const repaired = dayToCheck && checkedOn !== null && !stale ? await checkAndRepair(work) : 0;
    if (dayToCheck) await noteMirrorChecked(db, closedDay);
    await foldOldDeltas(pipeline, held, mirror);
    return { runs: runs.length, pairs, deltas, repaired };
  } finally {
    await mirror.close().catch(() => undefined);
  }
}

type Work = Readonly<{ pipeline: Pipeline; held: Run; signal: AbortSignal; mirror: Mirror }>;

/** Empties MongoDB; until all of it is there again, a run that dies on the way begins anew, too. */
async function beginAnew({ pipeline: { db }, held, mirror }: Work): Promise<void> {
  await assertHeld(db, held);
  await dropMirror(mirror);
  await afterwards(
    () => assertHeld(db, held),
    () => markMirrorStale(db),
  );
  await forgetMirrored(db);
}

async function mirrorDeltas({ pipeline, held, signal, mirror }: Work, runs: readonly UnmirroredRun[]): Promise<number> {
  let deltas = 0;
  for (const run of runs) {
    for await (const block of runDeltas(pipeline.db, run.run_seq)) {
      signal.throwIfAborted();
      // Deltas of a run never change, so even a process that was taken for dead writes the right ones.
      await setDocuments(
        mirror,
        'run_delta',
        block.map((row) => ({
          id: `${run.run_id}|${row.store_id}|${row.item_id}`,
          known: false,
          values: { run_id: run.run_id, run_seq: run.run_seq, ...row },
        })),
      );
      deltas += block.length;
      failPoint(pipeline.settings, 'mid_mirror');
      await assertHeld(pipeline.db, held);
    }
  }
  return deltas;
}

/** Totals of the pairs that `runs` touched, and of those that are due again. */
async function mirrorItems({ pipeline: { db }, held, signal, mirror }: Work, runs: readonly UnmirroredRun[]) {
  let pairs = 0;
  for await (const block of touchedItems(
    db,
    runs.map((run) => run.run_seq),
  )) {
    signal.throwIfAborted();
    await assertHeld(db, held);
    await setDocuments(mirror, 'store_item', itemDocuments(block, runs.at(-1)?.run_seq ?? held.run_seq));
    // MongoDB cannot fence: a process that slept between the look and the write has perhaps put older values there.
    await afterwards(
      () => assertHeld(db, held),
      () => markMirrorDue(db, block),
    );
    await noteMirroredItems(db, block);
    pairs += block.length;
  }
  return pairs;
}

async function checkAndRepair(work: Work): Promise<number> {
  const { pipeline, held, mirror } = work;
  const { pairs, strangers } = await mirrorDifferences(pipeline, mirror);
  if (pairs.length + strangers.length === 0) return 0;
  await markMirrorDue(pipeline.db, pairs);
  await assertHeld(pipeline.db, held);
  await deleteDocuments(mirror, 'store_item', strangers);
  await mirrorItems(work, []);
  const repaired = pairs.length + strangers.length;
  await warnRun(
    pipeline.db,
    held.run_id,
    `MongoDB told other totals than PostgreSQL for ${repaired} pairs (compared once per closed day): set again`,
  );
  return repaired;
}

async function afterwards(check: () => Promise<void>, undo: () => Promise<void>): Promise<void> {
  try {
    await check();
  } catch (error) {
    await undo();
    throw error;
  }
}

/** MongoDB away: the run goes on with a warning, and a later run catches up (architecture.md, mirror). */
export async function warnMirrorBehind(pipeline: Pipeline, run: Run, error: unknown): Promise<void> {
  await warnRun(pipeline.db, run.run_id, `MongoDB is behind, a later run catches up: ${messageOf(error)}`);
}

function itemDocuments(block: readonly MirrorItem[], runSeq: number) {
  return block.map(({ mirrored, ...row }) => ({
    id: `${row.store_id}|${row.item_id}`,
    known: mirrored,
    values: { ...row, run_seq: runSeq },
  }));
}

function runDocument(run: Run) {
  return {
    run_seq: run.run_seq,
    trigger: run.trigger,
    slot: run.slot,
    opened_at: run.opened_at,
    applied_at: run.applied_at,
    rows_read: run.rows_read,
    rows_new: run.rows_new,
    rows_duplicate: run.rows_duplicate,
    rows_rejected: run.rows_rejected,
    pairs_changed: run.pairs_changed,
  };
}
