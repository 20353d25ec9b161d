import { type Database, query } from './pool.ts';

/** Whether a person paused the clock; runs by hand go on. */
export async function clockPaused(db: Database): Promise<boolean> {
  const [row] = await query<{ clock_paused: boolean }>(db, 'SELECT clock_paused FROM dataset');
  return row?.clock_paused ?? false;
}
