import { type HeldRun, holdRun } from './heldRun.ts';
import { type Database, inTransaction, query } from './pool.ts';

/** What must be done in MongoDB besides the runs it lacks. `checkedOn`: the closed day it was last compared on. */
export type MirrorState = Readonly<{ stale: boolean; due: boolean; checkedOn: string | null }>;

export async function mirrorState(db: Database): Promise<MirrorState> {
  const [row] = await query<{ stale: boolean; due: boolean; checked_on: string | null }>(
    db,
    `SELECT mirror_stale AS stale, mirror_checked_on AS checked_on, EXISTS (SELECT FROM store_item WHERE mirror_due) AS due
     FROM dataset`,
  );
  return { stale: row?.stale ?? false, due: row?.due ?? false, checkedOn: row?.checked_on ?? null };
}

/** From now on the documents are to be made anew by the next run; until that is done it begins again. */
export async function markMirrorStale(db: Database): Promise<void> {
  await query(db, 'UPDATE dataset SET mirror_stale = true');
}

/** MongoDB is empty: every run, pair and base row is to be mirrored again. */
export async function forgetMirrored(db: Database): Promise<void> {
  await inTransaction(db, async (client) => {
    await client.query('UPDATE run SET mirrored_at = NULL WHERE applied_at IS NOT NULL');
    await client.query('UPDATE store_item SET mirrored = false, mirror_due = true');
  });
}

export async function noteMirrorMade(db: Database, held: HeldRun): Promise<void> {
  await inTransaction(db, async (client) => {
    await holdRun(client, held);
    await client.query('UPDATE dataset SET mirror_stale = false');
  });
}

export async function noteMirrorChecked(db: Database, closedDay: string): Promise<void> {
  await query(db, 'UPDATE dataset SET mirror_checked_on = $1', [closedDay]);
}

/** MongoDB may hold other values of these pairs than PostgreSQL: the next run sets them again. */
export async function markMirrorDue(
  db: Database,
  pairs: readonly Readonly<{ store_id: number; item_id: number }>[],
): Promise<void> {
  await query(
    db,
    `UPDATE store_item s SET mirror_due = true FROM unnest($1::bigint[], $2::bigint[]) AS u (store_id, item_id)
     WHERE s.store_id = u.store_id AND s.item_id = u.item_id`,
    [pairs.map((pair) => pair.store_id), pairs.map((pair) => pair.item_id)],
  );
}
