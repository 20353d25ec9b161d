import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { childEnvironment } from '../../config/settings.ts';

const root = join(import.meta.dirname, '..', '..');

/** How a process ended. `hung`: it was ended by us after its patience. */
export type Ended = Readonly<{
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
  ms: number;
  hung: boolean;
}>;

export type Program = Readonly<{
  pid: number;
  lives(): boolean;
  /** What it said so far. */
  said(): string;
  send(signal: NodeJS.Signals): void;
  ended: Promise<Ended>;
}>;

/** Starts one of the project's programs, with arguments, as a process of its own; `signal` kills it, so does `patienceMs`. */
export function startProgram(
  [file = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
  options: { log: string; signal: AbortSignal; patienceMs: number },
): Program {
  const startedAt = Date.now();
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], {
    cwd: root,
    env: childEnvironment(env),
    // A group of its own, so that Ctrl-C reaches it through us; the channel tells a worker when we are gone.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let out = '';
  let err = '';
  let hung = false;
  let lives = true;
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const send = (signal: NodeJS.Signals) => {
    if (lives) child.kill(signal);
  };
  const kill = () => send('SIGKILL');
  const timer = setTimeout(() => {
    hung = true;
    kill();
  }, options.patienceMs);
  options.signal.addEventListener('abort', kill, { once: true });
  if (options.signal.aborted) kill();
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => {
      lives = false;
    });
    child.once('close', (code, signal) => {
      lives = false;
      clearTimeout(timer);
      options.signal.removeEventListener('abort', kill);
      const told = `${new Date(startedAt).toISOString()} ${file} FAIL_AT=${env.FAIL_AT ?? ''} → ${signal ?? `exit ${code}`}`;
      appendFileSync(options.log, `${told}\n${err}${out}\n`);
      resolve({ code, signal, out, err, ms: Date.now() - startedAt, hung });
    });
  });
  ended.catch(() => undefined);
  return { pid: child.pid ?? 0, lives: () => lives, said: () => err, send, ended };
}

/** The last lines that a process said, on one line. */
export function lastWords({ err, out }: Ended): string {
  return `${out}\n${err}`
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-4)
    .join(' | ')
    .slice(0, 800);
}

/** Whether a process sleeps by SIGSTOP. */
export function isStopped(pid: number): boolean {
  try {
    if (process.platform !== 'linux')
      return /^T/.test(execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }));
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
  } catch {
    return false;
  }
}
