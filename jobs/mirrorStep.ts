import { messageOf } from '../lib/core/errors.ts';
import { openMirror, setDocuments } from '../lib/mongo/mirror.ts';
import { findRun, type Run, warnRun } from '../lib/postgres/ledger.ts';
import {
  noteMirroredItems,
  noteMirroredRun,
  runDeltas,
  touchedItems,
  unmirroredRuns,
} from '../lib/postgres/mirrorRows.ts';
import { failPoint } from './failPoint.ts';
import { foldOldDeltas } from './foldOldDeltas.ts';
import type { Pipeline } from './pipeline.ts';

export type MirrorDetail = Readonly<{ runs: number; pairs: number; deltas: number }>;

/**
 * Step 3: PostgreSQL's rows of runs that MongoDB does not hold yet, in order, by deterministic `_id`. Values are set,
 * so a repeat changes nothing. Stops as soon as the run is no longer ours.
 */
export async function mirrorStep(pipeline: Pipeline, signal: AbortSignal): Promise<MirrorDetail> {
  const { db } = pipeline;
  const runs = await unmirroredRuns(db);
  if (runs.length === 0) return { runs: 0, pairs: 0, deltas: 0 };
  const mirror = await openMirror(pipeline.urls.mongodbUrl, pipeline.settings.dataset);
  let pairs = 0;
  let deltas = 0;
  try {
    for (const run of runs) {
      for await (const block of runDeltas(db, run.run_seq)) {
        signal.throwIfAborted();
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
      }
    }
    const newest = runs.at(-1)?.run_seq ?? 0;
    for await (const block of touchedItems(
      db,
      runs.map((run) => run.run_seq),
    )) {
      signal.throwIfAborted();
      await setDocuments(
        mirror,
        'store_item',
        block.map(({ mirrored, ...row }) => ({
          id: `${row.store_id}|${row.item_id}`,
          known: mirrored,
          values: { ...row, run_seq: newest },
        })),
      );
      await noteMirroredItems(db, block);
      pairs += block.length;
    }
    for (const { run_id, run_seq } of runs) {
      const run = (await findRun(db, run_id)) as Run;
      await setDocuments(mirror, 'run', [{ id: run_id, known: false, values: runDocument(run) }]);
      failPoint(pipeline.settings, 'before_mirror_flag');
      await noteMirroredRun(db, run_seq);
    }
    await foldOldDeltas(pipeline, mirror);
  } finally {
    await mirror.close().catch(() => undefined);
  }
  return { runs: runs.length, pairs, deltas };
}

/** MongoDB away: the run goes on with a warning, and a later run catches up (architecture.md, mirror). */
export async function warnMirrorBehind(pipeline: Pipeline, run: Run, error: unknown): Promise<void> {
  await warnRun(pipeline.db, run.run_id, `MongoDB is behind, a later run catches up: ${messageOf(error)}`);
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
