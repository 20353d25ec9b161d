import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { childEnvironment, parseSettings } from '../../config/settings.ts';
import { bringUp, type RunningServices } from '../../local/services/bringUp.ts';
import { probe } from '../../local/services/probe.ts';
import { isAlive, type ProcessId } from '../../local/services/processes.ts';
import { readState, writeState } from '../../local/services/state.ts';
import { serviceNames } from '../../local/services/types.ts';

// Downloads are shared with the user's cache; state and data are this test's own.
const { TILLCAST_CACHE } = childEnvironment();
const home = mkdtempSync(join(tmpdir(), 'tillcast-services-'));
// PostgreSQL runs as another user where we are root, and must be able to enter.
chmodSync(home, 0o755);
const native = { TILLCAST_HOME: home, SERVICES: 'native', TILLCAST_CACHE };
const root = join(import.meta.dirname, '..', '..');
const quiet = () => {};

let up: RunningServices | undefined;
const processes = (): ProcessId[] =>
  Object.values(readState(home).services).flatMap((entry) => (entry?.process === undefined ? [] : [entry.process]));

/** Runs `services <verb>` as a user would, with only these settings. */
function command(
  verb: string,
  env: Record<string, string | undefined>,
): Promise<{ code: number; out: string; err: string }> {
  const args = ['--import', 'tsx', 'local/services/command.ts', verb];
  const none = { KAFKA_BROKERS: '', POSTGRES_URL: '', MONGODB_URL: '', REDIS_URL: '' };
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: root, env: childEnvironment({ ...none, ...env }) }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}

async function query(text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: up?.postgresUrl });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

afterAll(async () => {
  await command('down', native);
  rmSync(home, { recursive: true, force: true });
});

describe('the four services, natively', () => {
  test('come up, and each answers in its own protocol', async () => {
    const lines: string[] = [];
    up = await bringUp(parseSettings(native), (line) => lines.push(line));
    expect(up.services.map(({ name, origin }) => [name, origin])).toEqual(serviceNames.map((name) => [name, 'native']));
    for (const { name, url } of up.services) expect(await probe(name, url)).toMatchObject({ ok: true });
    for (const { url } of up.services) expect(url).toContain('127.0.0.1:');
    expect(await probe('mongodb', up.mongodbUrl)).toEqual({ ok: true, server: 'FerretDB 1.18.0 (SQLite)' });
    expect(lines.filter((line) => / ready on 127\.0\.0\.1:\d+ /.test(line))).toHaveLength(4);
    await query('CREATE TABLE kept AS SELECT 42 AS n');
  });

  test('are used by a second start, which then does not stop them', async () => {
    const second = await bringUp(parseSettings(native), quiet);
    expect(second.services.map(({ origin }) => origin)).toEqual(['running', 'running', 'running', 'running']);
    expect(second.postgresUrl).toBe(up?.postgresUrl);
    await second.stop();
    expect(processes().filter(isAlive)).toHaveLength(4);
  });

  test('stay for a second start when the first ends, and end with the last', async () => {
    const second = await bringUp(parseSettings(native), quiet);
    const before = processes();
    await up?.stop();
    expect(before.filter(isAlive)).toHaveLength(4);
    await second.stop();
    expect(before.filter(isAlive)).toEqual([]);
    up = await bringUp(parseSettings(native), quiet);
  });

  test('left behind by a start that was killed, are ended by the next one', async () => {
    const state = readState(home);
    // What a killed start leaves: itself as a user that no longer lives.
    writeState(home, { ...state, users: [{ pid: 4_194_303, started: 'gone', token: 'killed' }] });
    const next = await bringUp(parseSettings(native), quiet);
    expect(next.services.map(({ origin }) => origin)).toEqual(['running', 'running', 'running', 'running']);
    const before = processes();
    await next.stop();
    expect(before.filter(isAlive)).toEqual([]);
    up = await bringUp(parseSettings(native), quiet);
  });

  test('leave no process when stopped by their owner, and keep rows, addresses and secrets for the next start', async () => {
    const before = processes();
    const address = up?.postgresUrl;
    await up?.stop();
    expect(before.filter(isAlive)).toEqual([]);
    up = await bringUp(parseSettings(native), quiet);
    expect(up.postgresUrl).toBe(address);
    expect(await query('SELECT n FROM kept')).toEqual([{ n: 42 }]);
  });

  test('recover from kill -9: the dead are started again, the living stay', async () => {
    const { postgres, redis } = readState(home).services;
    for (const entry of [postgres, redis]) process.kill(entry?.process?.pid ?? 0, 'SIGKILL');
    const again = await bringUp(parseSettings(native), quiet);
    expect(again.services.map(({ origin }) => origin)).toEqual(['running', 'native', 'running', 'native']);
    expect(await query('SELECT n FROM kept')).toEqual([{ n: 42 }]);
  });

  test('are shown by status and ended by down, which leaves no process', async () => {
    const status = await command('status', native);
    expect(status.code).toBe(0);
    expect(status.out.match(/ answers$/gm)).toHaveLength(4);
    expect(status.out).not.toContain(readFileSync(join(home, 'postgres', 'password'), 'utf8').trim());
    const before = processes();
    expect(before).toHaveLength(4);
    expect(await command('down', native)).toMatchObject({ code: 0, err: '' });
    expect(before.filter(isAlive)).toEqual([]);
    expect((await command('status', native)).code).toBe(3);
  });

  test('a start that is broken off leaves nothing', async () => {
    const abort = new AbortController();
    const start = bringUp(
      parseSettings(native),
      (line) => {
        if (line.startsWith('Redis')) abort.abort(new Error('enough'));
      },
      abort.signal,
    );
    await expect(start).rejects.toThrow('enough');
    expect(processes().filter(isAlive)).toEqual([]);
  });
});

describe('what cannot be had', () => {
  const empty = join(home, 'empty');

  test('missing tools are listed in one sentence with the command that installs them', async () => {
    const { code, out, err } = await command('up', {
      TILLCAST_HOME: empty,
      TILLCAST_CACHE: join(empty, 'cache'),
      PATH: empty,
      JAVA_HOME: '',
    });
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err.trim().split('\n')).toHaveLength(1);
    for (const tool of ['java 17 or newer (for Kafka)', 'mvn (for Kafka, PostgreSQL, Redis)', 'go 1.21 or newer']) {
      expect(err).toContain(tool);
    }
    expect(err).toContain('or set KAFKA_BROKERS, POSTGRES_URL, REDIS_URL, MONGODB_URL');
  });

  test('a configured address that does not answer is refused by name, without its password', async () => {
    const settings = parseSettings({ ...native, POSTGRES_URL: 'postgres://me:secret@127.0.0.1:1/x' });
    const refused = await bringUp(settings, quiet).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'ETL_SERVICES' });
    expect(String(refused)).toContain('POSTGRES_URL=postgres://me:***@127.0.0.1:1/x does not answer');
    expect(String(refused)).not.toContain('secret');
  });

  test('containers that are healthy but out of reach are stopped again', async () => {
    const folder = join(home, 'docker');
    mkdirSync(folder);
    const log = join(folder, 'log');
    writeFileSync(join(folder, 'docker'), `#!/bin/sh\necho "$@" >> '${log}'\n`, { mode: 0o755 });
    const PATH = `${folder}${delimiter}${childEnvironment().PATH}`;
    const { code, err } = await command('up', { TILLCAST_HOME: folder, SERVICES: 'docker', PATH });
    expect({ code, lines: err.trim().split('\n').length }).toEqual({ code: 1, lines: 1 });
    expect(err).toMatch(/in Docker is healthy, but \S+ does not answer/);
    const asked = readFileSync(log, 'utf8');
    expect(asked).toMatch(
      /^compose -p tillcast-\w+ -f \S+docker-compose.yml up -d --wait .* kafka postgres mongodb redis$/m,
    );
    expect(asked).toMatch(/ stop kafka postgres mongodb redis$/m);
    expect(existsSync(join(folder, 'services.json'))).toBe(true);
  });
});
