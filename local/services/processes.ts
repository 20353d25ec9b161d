import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { childEnvironment } from '../../config/settings.ts';
import { messageOf, TillcastError } from '../../lib/core/errors.ts';

/** A process by pid and start time: a recycled pid has another start time, and is never signalled. */
export type ProcessId = Readonly<{ pid: number; started: string }>;

/** Another user to run as. */
export type Owner = Readonly<{ uid: number; gid: number }>;

/** A started server; `exited` settles with its exit code or signal when it ends while we watch. */
export type Started = Readonly<{ id: ProcessId; exited: Promise<string> }>;

const logLimitBytes = 20 * 1024 * 1024;

/** Who has this pid now; undefined if nobody, or only a zombie that waits for its parent. */
export function identify(pid: number): ProcessId | undefined {
  try {
    if (process.platform !== 'linux') {
      const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8', timeout: 5000 });
      const [, state = '', started = ''] = /^\s*(\S+)\s+(.*\S)\s*$/.exec(line) ?? [];
      return state === '' || state.startsWith('Z') ? undefined : { pid, started };
    }
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold spaces and parentheses itself; fields count from behind the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim().slice(0, 8);
    return { pid, started: `${boot}-${fields[19]}` };
  } catch {
    return undefined;
  }
}

/** True while exactly this process lives. */
export function isAlive(id: ProcessId): boolean {
  return identify(id.pid)?.started === id.started;
}

/**
 * Starts a server in its own session, so that Ctrl-C in our terminal does not reach it and it may outlive us.
 * Its output goes to `log`, which is set aside once it is larger than 20 MiB.
 * @throws TillcastError (ETL_SERVICES) if the program cannot be started at all.
 */
export async function startServer(
  program: string,
  args: readonly string[],
  options: { cwd: string; log: string; owner?: Owner | undefined; env?: Record<string, string> },
): Promise<Started> {
  const log = openLog(options.log);
  try {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: childEnvironment(options.env),
      detached: true,
      stdio: ['ignore', log, log],
      ...options.owner,
    });
    const exited = new Promise<string>((resolve) => {
      child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.unref();
    const pid = child.pid ?? 0;
    return { id: identify(pid) ?? { pid, started: 'ended' }, exited };
  } catch (error) {
    throw new TillcastError('ETL_SERVICES', `${program} cannot be started: ${messageOf(error)}`, { cause: error });
  } finally {
    closeSync(log);
  }
}

/**
 * Ends a server: the polite signal, then SIGKILL to its whole group after `patienceMs`. Nothing happens if it is gone.
 * @throws TillcastError (ETL_SERVICES) if it lives on, e.g. because it belongs to another user.
 */
export async function stopServer(id: ProcessId, polite: NodeJS.Signals, patienceMs = 15_000): Promise<void> {
  if (!isAlive(id)) return;
  send(id.pid, polite);
  if (await goneWithin(id, patienceMs)) return;
  send(-id.pid, 'SIGKILL');
  if (await goneWithin(id, 5000)) return;
  throw new TillcastError('ETL_SERVICES', `process ${id.pid} does not end, not even by SIGKILL; end it by hand`);
}

/** The last line with something in it of a server's log, for error messages. */
export function lastLogLine(log: string): string {
  try {
    const lines = readFileSync(log, 'utf8').split('\n');
    return lines.findLast((line) => line.trim() !== '' && !/^\s+(at |\.\.\. )/.test(line))?.trim() ?? '';
  } catch {
    return '';
  }
}

function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > logLimitBytes) renameSync(path, `${path}.old`);
  return openSync(path, 'a', 0o600);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ESRCH') return;
    const who = Math.abs(pid);
    throw new TillcastError('ETL_SERVICES', `process ${who} cannot be ended (${code}): it belongs to another user`);
  }
}

async function goneWithin(id: ProcessId, ms: number): Promise<boolean> {
  for (const end = Date.now() + ms; Date.now() < end; ) {
    if (!isAlive(id)) return true;
    await sleep(50);
  }
  return !isAlive(id);
}
