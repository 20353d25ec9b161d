import pg from 'pg';
import { asTillcastError, type Database } from '../pool.ts';

/**
 * A connection of its own, outside the pool, for what stands between two answers: the pool's watch would end one that is
 * lent and says nothing for long. It never keeps a process from ending.
 */
export type Session = Readonly<{ client: pg.Client; alive(): boolean; close(): void }>;

/** A server that does not answer at all for so long is taken for lost. */
const silentMs = 30_000;

/** @throws TillcastError ETL_PG */
export async function openSession(db: Database, name: string): Promise<Session> {
  const client = new pg.Client({ ...db.pool.options, application_name: name, query_timeout: silentMs });
  let alive = true;
  const lost = () => {
    alive = false;
  };
  client.on('error', lost);
  client.on('end', lost);
  try {
    await client.connect();
  } catch (error) {
    cut(client);
    throw asTillcastError(error, 'connecting');
  }
  (client as unknown as { unref(): void }).unref();
  return {
    client,
    alive: () => alive,
    close() {
      alive = false;
      // What it holds ends with it, whatever it is in the middle of.
      cut(client);
    },
  };
}

function cut(client: pg.Client): void {
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}
