import { type Database, query } from './pool.ts';

/** A run whose rows MongoDB does not hold yet. */
export type UnmirroredRun = Readonly<{ run_seq: number; run_id: string }>;

/** Totals and stock of one pair, frozen while no other run may apply. Quantities are units, times local text. */
export type MirrorItem = Readonly<{
  store_id: number;
  item_id: number;
  delta_quantity: number | bigint | null;
  snapshot_quantity: number | bigint | null;
  snapshot_time: string | null;
  final_quantity: number | bigint | null;
  last_event_time: string;
  last_sale_time: string | null;
  mirrored: boolean;
}>;

export type MirrorDelta = Readonly<{ store_id: number; item_id: number; delta_quantity: number | bigint }>;

const blockRows = 5_000;
const itemColumns = `s.store_id, s.item_id, s.delta_quantity, s.snapshot_quantity, s.snapshot_time, s.final_quantity,
  s.last_event_time, s.last_sale_time, s.mirrored`;

/** Applied runs that are not in MongoDB, in the order they were applied. */
export async function unmirroredRuns(db: Database): Promise<UnmirroredRun[]> {
  return query<UnmirroredRun>(
    db,
    'SELECT run_seq, run_id FROM run WHERE applied_at IS NOT NULL AND mirrored_at IS NULL ORDER BY run_seq',
  );
}

/** The run's delta_quantity per pair, in blocks and key order. */
export async function* runDeltas(db: Database, runSeq: number): AsyncGenerator<MirrorDelta[]> {
  yield* keysetBlocks<MirrorDelta>((after) =>
    query<MirrorDelta>(
      db,
      `SELECT store_id, item_id, delta_quantity FROM run_delta
       WHERE run_seq = $1 AND delta_quantity IS NOT NULL AND ($2::bigint IS NULL OR (store_id, item_id) > ($2, $3))
       ORDER BY store_id, item_id LIMIT $4`,
      [runSeq, after?.store_id ?? null, after?.item_id ?? null, blockRows],
    ),
  );
}

/** Present totals and stock of the pairs that these runs touched, and of those due again, in blocks and key order. */
export async function* touchedItems(db: Database, runSeqs: readonly number[]): AsyncGenerator<MirrorItem[]> {
  yield* keysetBlocks<MirrorItem>((after) =>
    query<MirrorItem>(
      db,
      `SELECT ${itemColumns}
       FROM (SELECT store_id, item_id FROM run_delta
             WHERE run_seq = ANY ($1) AND ($2::bigint IS NULL OR (store_id, item_id) > ($2, $3))
             UNION
             SELECT store_id, item_id FROM store_item
             WHERE mirror_due AND ($2::bigint IS NULL OR (store_id, item_id) > ($2, $3))
             ORDER BY store_id, item_id LIMIT $4) t
       JOIN store_item s USING (store_id, item_id)
       ORDER BY s.store_id, s.item_id`,
      [runSeqs, after?.store_id ?? null, after?.item_id ?? null, blockRows],
    ),
  );
}

/** Present totals and stock of every pair, in blocks and key order. */
export async function* everyItem(db: Database): AsyncGenerator<MirrorItem[]> {
  yield* keysetBlocks<MirrorItem>((after) =>
    query<MirrorItem>(
      db,
      `SELECT ${itemColumns} FROM store_item s
       WHERE $1::bigint IS NULL OR (store_id, item_id) > ($1, $2) ORDER BY store_id, item_id LIMIT $3`,
      [after?.store_id ?? null, after?.item_id ?? null, blockRows],
    ),
  );
}

/** Remembers that MongoDB holds these pairs as they are, so that the next change updates instead of inserting. */
export async function noteMirroredItems(db: Database, items: readonly MirrorItem[]): Promise<void> {
  await query(
    db,
    `UPDATE store_item s SET mirrored = true, mirror_due = false
     FROM unnest($1::bigint[], $2::bigint[]) AS u (store_id, item_id)
     WHERE s.store_id = u.store_id AND s.item_id = u.item_id AND (NOT s.mirrored OR s.mirror_due)`,
    [items.map((item) => item.store_id), items.map((item) => item.item_id)],
  );
}

export async function noteMirroredRun(db: Database, runSeq: number): Promise<void> {
  await query(db, 'UPDATE run SET mirrored_at = clock_timestamp() WHERE run_seq = $1', [runSeq]);
}

async function* keysetBlocks<Row extends { store_id: number; item_id: number }>(
  read: (after: Row | undefined) => Promise<Row[]>,
): AsyncGenerator<Row[]> {
  let after: Row | undefined;
  for (;;) {
    const rows: Row[] = await read(after);
    if (rows.length === 0) return;
    yield rows;
    after = rows.at(-1);
  }
}
