import { deleteDocuments, type Mirror, setDocuments } from '../lib/mongo/mirror.ts';
import { baseRunSeq, foldedDeltas, foldRun, runsToFold } from '../lib/postgres/foldDeltas.ts';
import { assertHeld, type HeldRun } from '../lib/postgres/heldRun.ts';
import type { Pipeline } from './pipeline.ts';

/**
 * Keeps the deltas of single runs for RUN_DELTA_DAYS; those of older runs become one base row (and document) per pair.
 * MongoDB first, with values set from PostgreSQL, so that a crash in between is mended by doing it again.
 */
export async function foldOldDeltas(pipeline: Pipeline, held: HeldRun, mirror: Mirror): Promise<number> {
  const { db, settings } = pipeline;
  const runs = await runsToFold(db, settings.runDeltaDays);
  for (const run of runs) {
    const folded = await foldedDeltas(db, run.run_seq);
    await assertHeld(db, held);
    await setDocuments(
      mirror,
      'run_delta',
      folded.map((row) => ({
        id: `base|${row.store_id}|${row.item_id}`,
        known: false,
        values: { run_id: 'base', run_seq: baseRunSeq, ...row },
      })),
    );
    await deleteDocuments(
      mirror,
      'run_delta',
      folded.map((row) => `${run.run_id}|${row.store_id}|${row.item_id}`),
    );
    await foldRun(db, held, run.run_seq);
  }
  return runs.length;
}
