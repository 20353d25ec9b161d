import pg from 'pg';
import { messageOf, TillcastError } from '../core/errors.ts';
import { watchServer } from './lifeline.ts';

/** A pool whose every connection works in one dataset's schema. */
export type Database = { readonly pool: pg.Pool; readonly schema: string; close(): Promise<void> };

/** SQLSTATE classes that another try may mend: connection, resources, operator, disk, locks, serialisation. */
const retryableStates = /^(08|53|57|58|40|55P03|25P03)/;
const tooManyConnections = '53300';
const lockTimeoutMs = 10_000;
const idleInTransactionMs = 30_000;
/** A server that answers nobody for so long is given up, and what waits for it is tried again. */
const silentServerMs = 30_000;
const closePatienceMs = 5_000;
/** So often a backend at work looks whether its client still lives; else one that was killed seems to work on. */
const clientCheckMs = 1_000;

const identity = (text: string) => text;
const unheard = () => undefined;
/** Dates and local times stay text; whole numbers become numbers, beyond 2^53 bigint, so that sums stay exact. */
const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  20: (text) => (Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text)),
  1082: identity,
  1114: identity,
};

export function schemaOf(dataset: string): string {
  return `tillcast_${dataset}`;
}

/**
 * Opens a pool on a dataset's schema (which `migrate` makes). `holder` names the process in pg_stat_activity, so that
 * a successor can end a dead holder's backends. `schema`: another one than the dataset's own (a replay builds beside).
 */
export function openDatabase(url: string, dataset: string, holder: string, schema = schemaOf(dataset)): Database {
  const pool = new pg.Pool({
    connectionString: url,
    // Most at once: publish with closed months, trends, clusters, pairs that stream, two blocks of records, and the lease.
    max: 10,
    application_name: holder,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    // Else the system asks a dead host for the first time after two hours.
    keepAliveInitialDelayMillis: 10_000,
    lock_timeout: lockTimeoutMs,
    idle_in_transaction_session_timeout: idleInTransactionMs,
    options: `-c search_path=${schema} -c jit=off -c temp_buffers=64MB -c timezone=UTC -c datestyle=ISO`,
    // The pool waits for it, though its type does not say so.
    onConnect: watchClient as (client: pg.ClientBase) => void,
    types: {
      getTypeParser: ((oid: number, format?: 'text') => parsers[oid] ?? pg.types.getTypeParser(oid, format)) as never,
    },
  });
  // A connection that dies while idle is replaced at the next use; without a listener it would end the process.
  pool.on('error', unheard);
  const lifeline = watchServer(pool, url, silentServerMs);
  return {
    pool,
    schema,
    async close() {
      lifeline.close();
      // A statement on a dead connection would keep the pool, and so the process, for ever.
      const late = setTimeout(lifeline.hangUpAll, closePatienceMs);
      await pool.end().finally(() => clearTimeout(late));
    },
  };
}

/** PostgreSQL has it from 14 on, and not on Windows: where it is refused we go on without. */
function watchClient(client: pg.ClientBase): Promise<unknown> {
  const text = `SET client_connection_check_interval = ${clientCheckMs}`;
  return client.query({ text, query_timeout: closePatienceMs } as pg.QueryConfig).catch(unheard);
}

export type TransactionOptions = Readonly<{ begin?: string; commitSent?: (() => void) | undefined }>;

/**
 * Runs `work` in one transaction on one connection. On any error the connection is hung up, which rolls back: a
 * ROLLBACK would wait for ever behind a COPY whose reader has gone.
 */
export async function inTransaction<T>(
  db: Database,
  work: (client: pg.PoolClient) => Promise<T>,
  { begin = 'BEGIN', commitSent }: TransactionOptions = {},
): Promise<T> {
  const client = await connect(db);
  try {
    await client.query(begin);
    const result = await work(client);
    const committed = client.query('COMMIT');
    commitSent?.();
    await committed;
    client.release();
    return result;
  } catch (error) {
    hangUp(client, error as Error);
    throw asTillcastError(error, 'a transaction');
  }
}

/** Closes a connection at once, whatever it is in the middle of, and takes it out of the pool. */
export function hangUp(client: pg.PoolClient, reason: Error): void {
  const { connection } = client as unknown as { connection?: { stream: { destroy(): void } } };
  connection?.stream.destroy();
  client.release(reason);
}

/** One connection of the pool. @throws TillcastError ETL_PG, retryable */
export async function connect(db: Database): Promise<pg.PoolClient> {
  try {
    const client = await db.pool.connect();
    // A connection that is lost while it is lent tells its statement; the event itself must not end the process.
    if (!client.listeners('error').includes(unheard)) client.on('error', unheard);
    return client;
  } catch (error) {
    throw asTillcastError(error, 'connecting');
  }
}

/** One parameterised statement; rows typed by the caller. @throws TillcastError ETL_PG */
export async function query<Row extends object>(
  db: Database | pg.ClientBase,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  try {
    const runner = 'pool' in db ? db.pool : db;
    return (await runner.query(text, [...values])).rows as Row[];
  } catch (error) {
    throw asTillcastError(error, text.trim().split('\n')[0]?.slice(0, 80) ?? 'a statement');
  }
}

/** Wraps what pg threw; data of the statement stay out of the message. */
export function asTillcastError(error: unknown, doing: string): TillcastError {
  if (error instanceof TillcastError) return error;
  const { code, severity } = (error ?? {}) as { code?: unknown; severity?: unknown };
  // Only the server's own errors have a severity; else the connection failed (ECONNREFUSED, EPIPE, terminated).
  const state = severity === undefined ? undefined : String(code);
  const retryable = state === undefined || retryableStates.test(state);
  const next = state === tooManyConnections ? 'close other programs or raise max_connections; it' : 'it';
  return new TillcastError(
    'ETL_PG',
    `PostgreSQL${typeof code === 'string' ? ` ${code}` : ''} in ${doing}: ${messageOf(error)}${retryable ? `; ${next} is tried again, nothing is lost` : ''}`,
    { retryable, cause: error },
  );
}

/** Whether PostgreSQL refused a row because of this unique index. */
export function violates(error: unknown, constraint: string): boolean {
  const cause = error instanceof TillcastError ? error.cause : error;
  return (cause as { constraint?: unknown } | undefined)?.constraint === constraint;
}
