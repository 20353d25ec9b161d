import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { TillcastError } from '../../core/errors.ts';
import { asTillcastError, connect, type Database, hangUp, query } from '../pool.ts';
import { tablesAs } from './tablesAs.ts';

/** One state of the database: `tables` says which ones it is of (tablesAs.ts). */
export type SnapshotName = Readonly<{ snapshot: string; tables: string }>;

/** Well under the 10 s that a writer waits for a lock, so that no reader ever makes one fail. */
const statementTimeoutMs = 6_000;
/** Less than PostgreSQL's deadlock_timeout: a reader and a writer that wait for each other end with the reader. */
export const readerLockTimeoutMs = 400;
const lockNotAvailable = '55P03';
const tries = 4;
const pauseMs = 150;

/**
 * Runs `work` in a short transaction of its own that sees the state of the snapshot. Where a writer has a table for
 * itself (a new month, a rebuild) the reader gives way and comes again.
 * @throws TillcastError ETL_PG, retryable where a writer stays or the tables are others now
 */
export async function snapshotRead<T>(
  db: Database,
  name: SnapshotName,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await readOnce(db, name, work);
    } catch (error) {
      if (attempt === tries || codeOf(error) !== lockNotAvailable) throw error;
    }
    await sleep(pauseMs);
  }
}

async function readOnce<T>(db: Database, name: SnapshotName, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await connect(db);
  try {
    await client.query(beginIn(name.snapshot, 'READ ONLY', statementTimeoutMs));
    const result = await work(client);
    // What was read is locked until here: tables that are still the same now were so all the time.
    const [row] = await query<{ tables_as: string }>(client, `SELECT ${tablesAs} AS tables_as`);
    if (row?.tables_as !== name.tables) throw new OtherTables();
    await client.query('COMMIT');
    client.release();
    return result;
  } catch (error) {
    hangUp(client, error as Error);
    throw isMissingTable(error) ? new OtherTables() : asTillcastError(error, 'reading for a page');
  }
}

/** Begins a transaction that sees a snapshot. A literal, as PostgreSQL takes no parameter here; its form is its own. */
export function beginIn(snapshot: string, mode: 'READ ONLY' | 'READ WRITE', timeoutMs: number): string {
  return `BEGIN ISOLATION LEVEL REPEATABLE READ ${mode}; SET TRANSACTION SNAPSHOT ${pg.escapeLiteral(snapshot)};
    SET LOCAL statement_timeout = ${timeoutMs}; SET LOCAL lock_timeout = ${readerLockTimeoutMs}`;
}

/** The table, or its schema, is gone (npm run reset, the last step of a replay). */
export function isMissingTable(error: unknown): boolean {
  return ['42P01', '3F000'].includes(codeOf(error));
}

function codeOf(error: unknown): string {
  const cause = error instanceof TillcastError ? error.cause : error;
  return String((cause as { code?: unknown } | undefined)?.code);
}

/** A rebuild empties tables for all, whatever a snapshot sees: what was read under it may be nothing. */
export class OtherTables extends TillcastError {
  constructor() {
    super('ETL_PG', 'the tables were made anew meanwhile (a replay, a rebuild): the page reads again', {
      retryable: true,
    });
  }
}
