import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { TillcastError } from '../../../lib/core/errors.ts';

/** Peak resident memory of one process, in MB; shell scripts and the like, below 10 MB, are left out. */
export type ProcessPeak = Readonly<{ name: string; peakMb: number }>;

/** A child process to its end. `processes` holds it and all it started; empty where the system does not tell (/proc). */
export type Measured = Readonly<{ seconds: number; stdout: string; processes: readonly ProcessPeak[] }>;

const pollMs = 50;

/**
 * Runs a program and takes its whole time, start-up included, and the peak memory of its processes.
 * @throws TillcastError (ETL_RUN_FAILED) with its last lines where it exits with another code than 0
 */
export async function measure(
  program: string,
  args: readonly string[],
  options: Readonly<{ signal: AbortSignal; env: NodeJS.ProcessEnv; cwd: string }>,
): Promise<Measured> {
  options.signal.throwIfAborted();
  const begun = performance.now();
  const child = spawn(program, args, { cwd: options.cwd, env: options.env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-20_000);
  });
  const peaks = new Map<number, ProcessPeak>();
  const poll = setInterval(() => notePeaks(child.pid ?? 0, peaks), pollMs);
  const end = () => child.kill('SIGTERM');
  options.signal.addEventListener('abort', end, { once: true });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    const seconds = (performance.now() - begun) / 1000;
    options.signal.throwIfAborted();
    if (code !== 0) {
      const last = stderr.trim().split('\n').slice(-3).join(' | ');
      throw new TillcastError('ETL_RUN_FAILED', `${basename(program)} ${args[0]} ended with ${code}: ${last}`);
    }
    return { seconds, stdout, processes: [...peaks.values()].filter(({ peakMb }) => peakMb >= 10) };
  } finally {
    clearInterval(poll);
    options.signal.removeEventListener('abort', end);
  }
}

/** Looks at a process and its descendants; the system itself keeps each one's peak (VmHWM), so looking late is enough. */
function notePeaks(pid: number, peaks: Map<number, ProcessPeak>): void {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    const peakKb = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]);
    if (peakKb > 0) {
      const name = /^Name:\s+(.*)$/m.exec(status)?.[1] ?? '';
      peaks.set(pid, { name, peakMb: Math.round(peakKb / 1024) });
    }
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const children = readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1').trim();
      for (const child of children.split(' ')) if (child !== '') notePeaks(Number(child), peaks);
    }
  } catch {
    // It has just ended, or there is no /proc here.
  }
}
