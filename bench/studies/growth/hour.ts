import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { TillcastError } from '../../../lib/core/errors.ts';
import { type Database, query } from '../../../lib/postgres/pool.ts';
import { postmasterOf, processUse, watchServer } from './serverUse.ts';

export const stepNames = ['produce', 'read', 'apply', 'mirror', 'publish', 'commit'] as const;
/** `cpuSeconds` and bytes are PostgreSQL's. */
export type StepCost = Readonly<{
  seconds: number;
  cpuSeconds: number;
  readMb: number;
  writtenMb: number;
  walMb: number;
}>;

/**
 * What one run cost. `seconds` from its opening to its end, start-up aside; memory and processor time of the process,
 * start-up included.
 */
export type HourCost = Readonly<{
  seconds: number;
  peakMb: number;
  cpuSeconds: number;
  rowsNew: number;
  steps: Readonly<Record<(typeof stepNames)[number], StepCost>>;
}>;

const root = join(import.meta.dirname, '..', '..', '..');

/** One `once` in a process of its own, as an operator starts it, measured from outside. */
export async function measuredHour(db: Database, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<HourCost> {
  const [backend] = await query<{ pid: number }>(db, 'SELECT pg_backend_pid() AS pid');
  const server = watchServer(postmasterOf(Number(backend?.pid)));
  let use = server.now();
  let wal = await walBytes(db);
  const moved = new Map<string, Omit<StepCost, 'seconds'>>();
  const program = spawn(process.execPath, ['--import', 'tsx', join(root, 'jobs', 'onceCommand.ts')], {
    cwd: root,
    env,
    signal,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let own = { peakMb: 0, cpuSeconds: 0 };
  const watch = setInterval(() => {
    own = processUse(program.pid ?? 0) ?? own;
  }, 50);
  const ended = new Promise<number | null>((resolve, reject) => {
    program.once('error', reject);
    program.once('close', resolve);
  });
  // It is awaited when the last line is read; an abort before that must wait until then.
  ended.catch(() => undefined);
  const said: string[] = [];
  for await (const line of createInterface({ input: program.stderr })) {
    said.push(line);
    const step = stepNames.find((name) => line.startsWith(`${name}: `));
    if (step === undefined) continue;
    const [useNow, walNow] = [server.now(), await walBytes(db)];
    moved.set(step, {
      cpuSeconds: useNow.cpuSeconds - use.cpuSeconds,
      readMb: (useNow.readBytes - use.readBytes) / 1e6,
      writtenMb: (useNow.writtenBytes - use.writtenBytes) / 1e6,
      walMb: (walNow - wal) / 1e6,
    });
    use = useNow;
    wal = walNow;
  }
  const code = await ended;
  clearInterval(watch);
  server.close();
  if (code !== 0) throw new TillcastError('ETL_RUN_FAILED', `a run of the study failed: ${said.slice(-5).join(' · ')}`);
  const { seconds, rows_new, steps } = await timesOfNewestRun(db);
  const nothing = { cpuSeconds: 0, readMb: 0, writtenMb: 0, walMb: 0 };
  const cost = (name: string) => ({ seconds: steps.get(name) ?? 0, ...(moved.get(name) ?? nothing) });
  const costs = Object.fromEntries(stepNames.map((name) => [name, cost(name)])) as HourCost['steps'];
  return { seconds, ...own, rowsNew: rows_new, steps: costs };
}

async function walBytes(db: Database): Promise<number> {
  const [row] = await query<{ bytes: string }>(db, `SELECT (pg_current_wal_insert_lsn() - '0/0')::text AS bytes`);
  return Number(row?.bytes);
}

async function timesOfNewestRun(db: Database) {
  const [run] = await query<{ run_seq: number; seconds: number; rows_new: number }>(
    db,
    `SELECT run_seq, extract(epoch FROM finished_at - opened_at)::float8 AS seconds, rows_new
     FROM run ORDER BY run_seq DESC LIMIT 1`,
  );
  const steps = await query<{ step: string; seconds: number }>(
    db,
    `SELECT step, extract(epoch FROM sum(finished_at - started_at))::float8 AS seconds
     FROM run_step WHERE run_seq = $1 GROUP BY step`,
    [run?.run_seq],
  );
  return {
    seconds: Number(run?.seconds),
    rows_new: Number(run?.rows_new),
    steps: new Map(steps.map(({ step, seconds }) => [step, seconds])),
  };
}
