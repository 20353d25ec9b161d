import type pg from 'pg';
import { connect, type Database, hangUp, query } from '../pool.ts';

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

/** @throws TillcastError ETL_PG */
export async function openKeeper(db: Database): Promise<Keeper> {
  const client = await connect(db);
  let alive = true;
  const lost = () => {
    alive = false;
  };
  client.on('error', lost);
  client.on('end', lost);
  try {
    await client.query(
      'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL idle_in_transaction_session_timeout = 0',
    );
    const [row] = await query<{ snapshot: string }>(client, 'SELECT pg_export_snapshot() AS snapshot');
    return { snapshot: row?.snapshot ?? '', alive: () => alive, close: () => leave(client, alive) };
  } catch (error) {
    hangUp(client, error as Error);
    throw error;
  }
}

function leave(client: pg.PoolClient, alive: boolean): void {
  if (!alive) {
    client.release(true);
    return;
  }
  client.query('ROLLBACK').then(
    () => client.release(),
    (error: Error) => client.release(error),
  );
}
