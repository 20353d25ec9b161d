import { type Database, query } from './pool.ts';

/** Whether a person paused the clock; runs by hand go on. */
export async function clockPaused(db: Database): Promise<boolean> {
  const [row] = await query<{ clock_paused: boolean }>(db, 'SELECT clock_paused FROM dataset');
  return row?.clock_paused ?? false;
}

/** Whether it was otherwise before. */
export async function setClockPaused(db: Database, paused: boolean): Promise<boolean> {
  const rows = await query(
    db,
    'UPDATE dataset SET clock_paused = $1 WHERE clock_paused IS DISTINCT FROM $1 RETURNING clock_paused',
    [paused],
  );
  return rows.length > 0;
}
