import pg from 'pg';
import { asTillcastError, type Database, query } from '../pool.ts';
import { openSession } from './session.ts';

/**
 * Keeps one state of the database for readers: a transaction that exports its snapshot and touches no table, so that it
 * holds no lock that a writer could wait for. Source: PostgreSQL, "Snapshot Synchronization Functions".
 */
export type Keeper = Readonly<{
  snapshot: string;
  /** Whether its connection stands; without it nobody can take up the snapshot any more. */
  alive(): boolean;
  close(): void;
}>;

/** A process that is stopped, or cut off without a word, holds vacuum back no longer than this. */
const longestMs = 12 * 3_600_000;

/**
 * Keeps the state of now, or that of another transaction's exported `from` as long as that one is open; at most for so
 * many ms. @throws TillcastError ETL_PG
 */
export async function openKeeper(db: Database, from?: string, forMs = longestMs): Promise<Keeper> {
  const session = await openSession(db, 'tillcast-keeper');
  const { client } = session;
  try {
    const taken = from === undefined ? '' : `SET TRANSACTION SNAPSHOT ${pg.escapeLiteral(from)};`;
    await client.query(
      `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ${taken} SET LOCAL idle_in_transaction_session_timeout = ${forMs}`,
    );
    const [row] = await query<{ snapshot: string }>(client, 'SELECT pg_export_snapshot() AS snapshot');
    return { snapshot: row?.snapshot ?? '', alive: session.alive, close: session.close };
  } catch (error) {
    session.close();
    throw asTillcastError(error, 'keeping a state for pages');
  }
}
