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

/** The error of a process that works on a run which another has taken over. */
export function stale(holder: string | null | undefined): TillcastError {
  return new TillcastError(
    'ETL_STALE',
    `the run was taken over by ${holder ?? 'another process, which has given it back or ended it'}: this process stops`,
  );
}
