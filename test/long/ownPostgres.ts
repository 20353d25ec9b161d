import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../local/services/ports.ts';
import { postgresOwner } from '../../local/services/postgres/owner.ts';
import { waitForAnswer } from '../../local/services/probe.ts';
import { startServer, stopServer } from '../../local/services/processes.ts';

/** A PostgreSQL with its own pg_dump beside it; the one that tillcast fetches has none. */
export type PostgresWithTools = Readonly<{
  url: string;
  /** Runs pg_dump, pg_restore or psql on its database. */
  tool(name: 'pg_dump' | 'pg_restore' | 'psql', ...args: string[]): void;
  close(): Promise<void>;
}>;

/** The folder of an installed PostgreSQL server with pg_dump of the same version, or why there is none. */
export function postgresTools(): { folder: string } | { missing: string } {
  try {
    const folder = execFileSync('pg_config', ['--bindir'], { encoding: 'utf8' }).trim();
    const all = [folder, ...['18', '17', '16', '15'].map((major) => `/usr/lib/postgresql/${major}/bin`)];
    const whole = all.find((at) =>
      ['initdb', 'postgres', 'pg_dump', 'pg_restore'].every((one) => existsSync(join(at, one))),
    );
    if (whole !== undefined) return { folder: whole };
  } catch {
    // No pg_config: said below.
  }
  return { missing: 'no PostgreSQL server with pg_dump of its version is installed here' };
}

export async function openPostgresWithTools(folder: string): Promise<PostgresWithTools> {
  const home = mkdtempSync(join(tmpdir(), 'tillcast-postgres-'));
  const owner = postgresOwner(home);
  chmodSync(home, 0o755);
  if (owner !== undefined) chownSync(home, owner.uid, owner.gid);
  const data = join(home, 'data');
  const as = { cwd: home, ...owner, stdio: 'pipe' as const };
  execFileSync(join(folder, 'initdb'), ['-D', data, '-U', 'tillcast', '-E', 'UTF8', '--locale=C', '-A', 'trust'], as);
  const [port] = (await freePorts(1)) as [number];
  const log = join(home, 'log');
  const options = ['-c', 'listen_addresses=127.0.0.1', '-c', `port=${port}`, '-c', 'unix_socket_directories='];
  const started = await startServer(join(folder, 'postgres'), ['-D', data, ...options], { cwd: home, log, owner });
  const url = `postgres://tillcast@127.0.0.1:${port}/postgres`;
  await waitForAnswer('postgres', url, { patienceMs: 60_000, signal: new AbortController().signal, log, started });
  return {
    url,
    tool(name, ...args) {
      execFileSync(join(folder, name), ['-d', url, ...args], { stdio: 'pipe' });
    },
    async close() {
      await stopServer(started.id, 'SIGINT');
      rmSync(home, { recursive: true, force: true });
    },
  };
}
