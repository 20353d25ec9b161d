import type pg from 'pg';
import { TillcastError } from '../core/errors.ts';
import { type Database, query } from './pool.ts';

/** A run with the lease (`process#lease`) under which this piece of work is done; null only where nobody contends. */
export type HeldRun = Readonly<{ run_seq: number; holder: string | null }>;

/**
 * Fails where the run is no longer held by this lease: asked just before and after what PostgreSQL cannot fence itself
 * (documents, files). @throws TillcastError ETL_STALE
 */
export async function assertHeld(db: Database | pg.PoolClient, run: HeldRun): Promise<void> {
  const [now] = await query<{ holder: string | null; over: boolean }>(
    db,
    'SELECT holder, finished_at IS NOT NULL AS over FROM run WHERE run_seq = $1',
    [run.run_seq],
  );
  if (now !== undefined && !now.over && now.holder === run.holder) return;
  throw stale(now?.holder);
}

/** The same inside a transaction, and nobody takes the run over before its end. @throws TillcastError ETL_STALE */
export async function holdRun(client: pg.PoolClient, run: HeldRun): Promise<void> {
  await query(client, 'SELECT FROM run WHERE run_seq = $1 FOR UPDATE', [run.run_seq]);
  await assertHeld(client, run);
}

/** From here on others may count their partitions' rows for this run, as long as this lease holds it. */
export async function leadRounds(db: Database, run: HeldRun): Promise<void> {
  await query(db, 'UPDATE run SET led_by = holder WHERE run_seq = $1 AND holder = $2', [run.run_seq, run.holder]);
}

/**
 * From here on the run goes to MongoDB and the CSVs: rows that come now belong to the next one. Waits for a round that is
 * being committed. Small tables get their statistics, on which every plan that follows depends. @throws TillcastError ETL_STALE
 */
export async function markHandedOn(db: Database, run: HeldRun): Promise<void> {
  const marked = await query(
    db,
    `UPDATE run SET handed_on = true
     WHERE run_seq = $1 AND holder IS NOT DISTINCT FROM $2 AND finished_at IS NULL RETURNING run_seq`,
    [run.run_seq, run.holder],
  );
  if (marked.length !== 1) await assertHeld(db, run);
  // Autovacuum would not look at them for long.
  await query(db, 'ANALYZE dataset, change_type, store, store_clock');
}

/** Whether the error says that another process was faster, or has the run now. */
export const isStale = (error: unknown): boolean => error instanceof TillcastError && error.code === 'ETL_STALE';

/** The error of a process that works on a run which another has taken over. */
export function stale(holder: string | null | undefined): TillcastError {
  return new TillcastError(
    'ETL_STALE',
    `the run was taken over by ${holder ?? 'another process, which has given it back or ended it'}: this process stops`,
  );
}
