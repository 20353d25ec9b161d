import { type Database, query } from './pool.ts';

/** The data's clock: date of the newest event and the newest closed business date, null before the first event. */
export async function dataClock(db: Database): Promise<{ asOfDate: string | null; closedDay: string | null }> {
  const [row] = await query<{ as_of: string | null; closed: string | null }>(
    db,
    'SELECT max(last_event_time)::date AS as_of, max(last_event_time)::date - 1 AS closed FROM store_clock',
  );
  return { asOfDate: row?.as_of ?? null, closedDay: row?.closed ?? null };
}

/** Months that hold events, `yyyy-MM-01`, oldest first. */
export async function eventMonths(db: Database): Promise<string[]> {
  const rows = await query<{ month: string }>(db, 'SELECT month FROM archive_month ORDER BY month');
  return rows.map((row) => row.month);
}
