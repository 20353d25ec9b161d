import { type Database, query } from './pool.ts';

/**
 * The newest event's time as an instant, `yyyy-MM-dd HH:mm:ss` UTC, null before the first event: the data's clock that
 * outputs call as_of_utc. `timeZone` stands for stores that name none.
 */
export async function dataUntilUtc(db: Database, timeZone: string): Promise<string | null> {
  const [row] = await query<{ newest: string | null }>(
    db,
    `SELECT to_char(max(local_to_utc(k.last_event_time, coalesce(s.timezone, $1))), 'YYYY-MM-DD HH24:MI:SS') AS newest
     FROM store_clock k LEFT JOIN store s USING (store_id)`,
    [timeZone],
  );
  return row?.newest ?? null;
}
