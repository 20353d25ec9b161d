import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type HalfRunReader, startHalfRunReader } from '../support/halfRunReader.ts';
import type { Place } from './check.ts';
import { type Ended, lastWords, type Program, startProgram } from './programs.ts';
import type { Random } from './random.ts';
import type { Servers } from './servers.ts';
import { openStores } from './stores.ts';

/** A step of the pipeline may wait a minute for a server more than once; longer is a hang. */
const hangMs = 240_000;
const recoveryPatienceMs = 300_000;
const historyDays = 160;
const maxProblems = 3;

/** How long it took until a run succeeded, and what went wrong on the way. */
export type Recovery = Readonly<{ seconds: number; problems: readonly string[] }>;

/** One dataset with its stores, its folders, and a reader who watches it all the time. */
export type Shop = Place &
  Readonly<{
    reader: HalfRunReader;
    env: Readonly<Record<string, string>>;
    start(file: string, env?: Readonly<Record<string, string>>, args?: readonly string[]): Program;
    /** `once`, as an operator starts it. */
    once(env?: Readonly<Record<string, string>>): Program;
    /** `once` again and again until it succeeds and MongoDB has caught up. */
    recover(sinceMs: number): Promise<Recovery>;
    /** About how long an undisturbed run takes. */
    usualMs(): number;
    sawRun(ms: number): void;
    close(): Promise<void>;
  }>;

export function openShop(folder: string, name: string, servers: Servers, random: Random, signal: AbortSignal): Shop {
  mkdirSync(folder, { recursive: true });
  const midnight = new Date(new Date().toISOString().slice(0, 10)).getTime();
  const stores = openStores(folder, random, midnight - historyDays * 86_400_000);
  const outputDir = join(folder, 'output');
  const { urls } = servers;
  const env = {
    DATASET: name,
    INPUT_DIR: stores.inputDir,
    OUTPUT_DIR: outputDir,
    TILLCAST_HOME: join(folder, 'home'),
    SETTLE_SECONDS: '0',
    PARTITIONS: '3',
    // Some months close early, so that archive/ is written too.
    COMBINED_DAYS: '31',
    FAIL_AT: '',
    KAFKA_BROKERS: urls.kafkaBrokers,
    POSTGRES_URL: urls.postgresUrl,
    MONGODB_URL: urls.mongodbUrl,
    REDIS_URL: urls.redisUrl,
  };
  const db = new pg.Pool({
    connectionString: urls.postgresUrl,
    max: 2,
    connectionTimeoutMillis: 10_000,
    query_timeout: 60_000,
    application_name: 'torture',
    options: `-c search_path=tillcast_${name}`,
  });
  db.on('error', () => undefined);
  const reader = startHalfRunReader(urls.postgresUrl, `tillcast_${name}`, outputDir, 150);
  let usualMs = 3_000;
  const sawRun = (ms: number) => {
    // A run that waited for a dead holder is no usual one.
    if (ms < 8_000) usualMs = Math.round((usualMs + ms) / 2);
  };
  const start: Shop['start'] = (file, extra = {}, args = []) =>
    startProgram(
      [file, ...args],
      { ...env, ...extra },
      { log: join(folder, 'programs.log'), signal, patienceMs: hangMs },
    );
  const once = (extra: Readonly<Record<string, string>> = {}) => start('jobs/onceCommand.ts', extra);

  return {
    db,
    mongodbUrl: urls.mongodbUrl,
    name,
    outputDir,
    stores,
    reader,
    env,
    start,
    once,
    usualMs: () => usualMs,
    sawRun,
    async recover(sinceMs) {
      const problems: string[] = [];
      let seconds: number | undefined;
      for (let tries = 1; ; tries += 1) {
        const end = await once().ended;
        signal.throwIfAborted();
        const problem = problemOf(end);
        if (problem !== undefined) problems.push(problem);
        // One that does not even start is no better the tenth time.
        if (problems.length === maxProblems) return { seconds: seconds ?? (Date.now() - sinceMs) / 1000, problems };
        if (end.code === 0) {
          seconds ??= (Date.now() - sinceMs) / 1000;
          if (tries === 1) sawRun(end.ms);
          const reason = await newestReason(db);
          if (reason !== undefined && !/MongoDB is behind/.test(reason)) return { seconds, problems };
        } else if (Date.now() - sinceMs > recoveryPatienceMs) {
          problems.push(`no run succeeded within ${recoveryPatienceMs / 1000} s, ${tries} tries: ${lastWords(end)}`);
          return { seconds: seconds ?? (Date.now() - sinceMs) / 1000, problems };
        }
        await sleep(500);
      }
    },
    async close() {
      await reader.stop();
      await db.end().catch(() => undefined);
    },
  };
}

/** undefined where another lane's attack has PostgreSQL away just now. */
async function newestReason(db: pg.Pool): Promise<string | undefined> {
  try {
    const { rows } = await db.query<{ reason: string | null }>('SELECT reason FROM run ORDER BY run_seq DESC LIMIT 1');
    return rows[0]?.reason ?? '';
  } catch {
    return undefined;
  }
}

/** A process may fail, but it must end, and say with a code what to do. */
export function problemOf(end: Ended): string | undefined {
  if (end.hung) return `hung for ${Math.round(end.ms / 1000)} s: ${lastWords(end)}`;
  if (end.code === 0 || end.signal === 'SIGKILL') return undefined;
  if (/A fault in tillcast/.test(end.err) || !/\bETL_[A-Z_]+\b/.test(end.err)) {
    return `ended (${end.signal ?? `exit ${end.code}`}) without a helpful error: ${lastWords(end)}`;
  }
  return undefined;
}
