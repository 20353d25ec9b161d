import { type HeldRun, holdRun } from './heldRun.ts';
import type { MirrorDelta, UnmirroredRun } from './mirrorRows.ts';
import { type Database, inTransaction, query } from './pool.ts';

/** The run number under which older runs' deltas stand, one row per pair. */
export const baseRunSeq = 0;

/** Applied and mirrored runs older than `days` before the newest run, whose deltas were not folded yet; oldest first. */
export async function runsToFold(db: Database, days: number): Promise<UnmirroredRun[]> {
  return query<UnmirroredRun>(
    db,
    `SELECT r.run_seq, r.run_id FROM run r
     WHERE NOT r.folded AND r.opened_at < (SELECT max(opened_at) FROM run) - make_interval(days => $1)
       AND r.mirrored_at IS NOT NULL
     ORDER BY r.run_seq`,
    [days],
  );
}

/** What the base rows of the run's pairs will hold once the run is folded into them; nothing is changed yet. */
export async function foldedDeltas(db: Database, runSeq: number): Promise<MirrorDelta[]> {
  return query<MirrorDelta>(
    db,
    `SELECT d.store_id, d.item_id, d.delta_quantity + coalesce(b.delta_quantity, 0) AS delta_quantity
     FROM run_delta d
     LEFT JOIN run_delta b ON b.run_seq = $2 AND b.store_id = d.store_id AND b.item_id = d.item_id
     WHERE d.run_seq = $1 AND d.delta_quantity IS NOT NULL ORDER BY 1, 2`,
    [runSeq, baseRunSeq],
  );
}

/** Folds one run's deltas into the base rows, once; for the holder of the run that is under way. */
export async function foldRun(db: Database, held: HeldRun, runSeq: number): Promise<void> {
  await inTransaction(db, async (client) => {
    await holdRun(client, held);
    await query(
      client,
      `INSERT INTO run_delta AS b (run_seq, store_id, item_id, delta_quantity)
       SELECT $2, store_id, item_id, delta_quantity FROM run_delta
       WHERE run_seq = $1 AND delta_quantity IS NOT NULL ORDER BY store_id, item_id
       ON CONFLICT (run_seq, store_id, item_id) DO UPDATE SET delta_quantity = b.delta_quantity + excluded.delta_quantity`,
      [runSeq, baseRunSeq],
    );
    await query(client, 'DELETE FROM run_delta WHERE run_seq = $1', [runSeq]);
    await query(client, 'UPDATE run SET folded = true WHERE run_seq = $1', [runSeq]);
  });
}
