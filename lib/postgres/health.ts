import { type Database, query } from './pool.ts';

/** How far MongoDB is behind, and the store that has been silent longest. Dates local. */
export type Health = Readonly<{
  unmirroredRuns: number;
  asOf: string | null;
  silentStore: { storeId: number; name: string | null; lastEvent: string; days: number } | undefined;
}>;

export async function health(db: Database): Promise<Health> {
  const [lag] = await query<{ runs: number }>(
    db,
    'SELECT count(*) AS runs FROM run WHERE applied_at IS NOT NULL AND mirrored_at IS NULL',
  );
  const [store] = await query<{ store_id: number; name: string | null; last: string; days: number; as_of: string }>(
    db,
    `SELECT k.store_id, s.name, k.last_event_time AS last, m.as_of, m.as_of::date - k.last_event_time::date AS days
     FROM store_clock k CROSS JOIN (SELECT max(last_event_time) AS as_of FROM store_clock) m
     LEFT JOIN store s USING (store_id)
     ORDER BY k.last_event_time, k.store_id LIMIT 1`,
  );
  return {
    unmirroredRuns: Number(lag?.runs ?? 0),
    asOf: store?.as_of ?? null,
    silentStore:
      store === undefined
        ? undefined
        : { storeId: store.store_id, name: store.name, lastEvent: store.last, days: store.days },
  };
}
