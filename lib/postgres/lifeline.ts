import pg from 'pg';

/** Connections lent for less than this are not looked after. */
const lentLongMs = 10_000;
const lookEveryMs = 5_000;
const answerWithinMs = 10_000;

/** `hangUp` ends every lent connection at once; `close` ends the watch. */
export type Lifeline = Readonly<{ hangUpAll(): void; close(): void }>;

/**
 * Bounds the wait for a server that says nothing any more (stopped, or cut off without a word), without a bound on
 * statements: they may take as long as they need while the server answers a fresh connection. After `silentMs` without
 * such an answer all lent connections are hung up, so that what waits on them fails, retryable. A connection that
 * PostgreSQL holds for idle while somebody here waits on it has lost its answer on the way, and is hung up as well.
 */
export function watchServer(pool: pg.Pool, url: string, silentMs: number): Lifeline {
  const lentAt = new Map<pg.PoolClient, number>();
  pool.on('acquire', (client) => lentAt.set(client, Date.now()));
  pool.on('release', (_error, client) => lentAt.delete(client));
  pool.on('remove', (client) => lentAt.delete(client as pg.PoolClient));
  let silentSince: number | undefined;
  let looking = false;
  const look = async () => {
    const lent = [...lentAt].filter(([, at]) => Date.now() - at > lentLongMs).map(([client]) => client);
    if (lent.length === 0) {
      silentSince = undefined;
      return;
    }
    const askedAt = Date.now();
    const lost = await lostAnswers(url, lent.map(processOf), silentMs);
    if (lost !== undefined) {
      silentSince = undefined;
      for (const client of lent) if (lost.has(processOf(client)) && lentAt.has(client)) cut(client);
      return;
    }
    silentSince ??= askedAt;
    if (Date.now() - silentSince < silentMs) return;
    for (const [client, at] of lentAt) if (at < silentSince) cut(client);
  };
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    void look().finally(() => {
      looking = false;
    });
  }, lookEveryMs);
  timer.unref();
  return {
    hangUpAll: () => {
      for (const client of lentAt.keys()) cut(client);
    },
    close: () => clearInterval(timer),
  };
}

/** Destroys the socket: whoever waits on the connection gets an error, and gives it back as broken. */
function cut(client: pg.PoolClient): void {
  (client as unknown as { connection?: { stream: { destroy(): void } } }).connection?.stream.destroy();
}

function processOf(client: pg.PoolClient): number {
  return (client as unknown as { processID?: number }).processID ?? 0;
}

/**
 * Which of these server processes have been idle for `idleMs`; undefined where the server does not answer. One that
 * refuses (too many connections, starting up) answers too: its connections break by themselves if they must.
 */
async function lostAnswers(url: string, pids: readonly number[], idleMs: number): Promise<Set<number> | undefined> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'tillcast-lifeline',
    connectionTimeoutMillis: answerWithinMs,
    query_timeout: answerWithinMs,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity
       WHERE pid = ANY ($1) AND state = 'idle' AND state_change < now() - make_interval(secs => $2)`,
      [pids, idleMs / 1000],
    );
    return new Set(rows.map(({ pid }) => pid));
  } catch (error) {
    return error instanceof pg.DatabaseError ? new Set() : undefined;
  } finally {
    // A connection that never came about has nobody to say goodbye to.
    cut(client as unknown as pg.PoolClient);
  }
}
