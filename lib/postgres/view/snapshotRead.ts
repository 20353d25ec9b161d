import pg from 'pg';
import { asTillcastError, connect, type Database, hangUp } from '../pool.ts';

/** No page waits longer for one answer, and no writer longer for a reader's lock. */
const statementTimeoutMs = 8_000;

/**
 * Runs `work` in a short transaction of its own that sees the state of `snapshot`. `begin`: further settings of the
 * transaction. @throws TillcastError ETL_PG
 */
export async function snapshotRead<T>(
  db: Database,
  snapshot: string,
  work: (client: pg.PoolClient) => Promise<T>,
  mode: 'READ ONLY' | 'READ WRITE' = 'READ ONLY',
): Promise<T> {
  const client = await connect(db);
  try {
    // A literal, as PostgreSQL takes no parameter here; its form is PostgreSQL's own.
    await client.query(
      `BEGIN ISOLATION LEVEL REPEATABLE READ ${mode}; SET TRANSACTION SNAPSHOT ${pg.escapeLiteral(snapshot)};
       SET LOCAL statement_timeout = ${statementTimeoutMs}`,
    );
    const result = await work(client);
    await client.query('COMMIT');
    client.release();
    return result;
  } catch (error) {
    hangUp(client, error as Error);
    throw asTillcastError(error, 'reading for a page');
  }
}
