import type pg from 'pg';
import type { Origins } from '../core/forecast/origins.ts';
import type { StoreGround } from '../core/forecast/storeOutlook.ts';
import { type HeldRun, holdRun } from './heldRun.ts';
import { type Database, inTransaction, query } from './pool.ts';

/** A text for each store: as long as it is the same, records of its pairs differ only by the pairs' own days. */
export type GroundTexts = ReadonlyMap<number, string>;

export function groundTexts(grounds: readonly StoreGround[], origins: Origins): GroundTexts {
  const days = origins.past.map((origin) => origin.day);
  return new Map(
    grounds.map(({ storeId, firstDay, silent }) => [
      storeId,
      JSON.stringify([origins.every, origins.present.day, days, firstDay, [...silent]]),
    ]),
  );
}

/** Pairs of stores that stand on other ground than their records (a silence ended, history before the first day) are due. */
export async function markMovedGrounds(db: Database, run: HeldRun, grounds: GroundTexts): Promise<void> {
  await inTransaction(db, async (client) => {
    const known = await query<{ store_id: number; ground: string }>(
      client,
      'SELECT store_id, ground FROM forecast_ground',
    );
    const texts = new Map(known.map(({ store_id, ground }) => [store_id, ground]));
    const moved = [...grounds].filter(([store, text]) => texts.get(store) !== text).map(([store]) => store);
    await query(
      client,
      `INSERT INTO forecast_dirty (store_id, item_id, run_seq)
       SELECT store_id, item_id, $2 FROM store_item WHERE store_id = ANY ($1::bigint[]) ORDER BY 1, 2
       ON CONFLICT DO NOTHING`,
      [moved, run.run_seq],
    );
    await keepGrounds(client, grounds);
    await holdRun(client, run);
  });
}

/** Notes what the records that are made now stand on. */
export async function keepGrounds(client: pg.PoolClient, grounds: GroundTexts): Promise<void> {
  await client.query('DELETE FROM forecast_ground');
  await query(client, 'INSERT INTO forecast_ground SELECT * FROM unnest($1::bigint[], $2::text[])', [
    [...grounds.keys()],
    [...grounds.values()],
  ]);
}
