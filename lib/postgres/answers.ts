import pg from 'pg';
import { messageOf } from '../core/errors.ts';

/** Whether a server answers, and which; `reason` is one line without secrets. Never throws. */
export type PostgresAnswer = { ok: true; server: string } | { ok: false; reason: string };

/** Asks the server at `url` for its version, within about `timeoutMs`. `server` is like `PostgreSQL 17.2`. */
export async function postgresAnswers(url: string, timeoutMs = 5000): Promise<PostgresAnswer> {
  try {
    const client = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: timeoutMs,
      query_timeout: timeoutMs,
      application_name: 'tillcast-probe',
    });
    // A connection that breaks after the answer must not end the process.
    client.on('error', () => {});
    try {
      await client.connect();
      const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
      return { ok: true, server: `PostgreSQL ${rows[0]?.server_version.split(' ')[0] ?? ''}`.trim() };
    } finally {
      await client.end().catch(() => {});
    }
  } catch (error) {
    return { ok: false, reason: messageOf(error) };
  }
}
