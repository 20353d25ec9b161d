import { spawn } from 'node:child_process';
import { basename } from 'node:path';
import { childEnvironment } from '../../config/settings.ts';
import { messageOf, TillcastError } from '../../lib/core/errors.ts';
import type { Owner } from './processes.ts';

const keepChars = 100_000;

/**
 * Runs a tool to its end and returns its standard output (at most the last 100,000 characters).
 * @throws TillcastError (ETL_SERVICES) with the tool's own last lines; the abort reason if `signal` fires first.
 */
export async function run(
  program: string,
  args: readonly string[],
  options: {
    signal: AbortSignal;
    timeoutMs: number;
    cwd?: string;
    env?: Record<string, string>;
    owner?: Owner | undefined;
    input?: string;
  },
): Promise<string> {
  options.signal.throwIfAborted();
  const child = spawn(program, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: childEnvironment(options.env),
    // A group of its own, so that a whole tree (mvn is a script around java) can be ended.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    ...options.owner,
  });
  let output = '';
  let complaint = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-keepChars);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-keepChars);
  });
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const end = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  };
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    end();
  }, options.timeoutMs);
  options.signal.addEventListener('abort', end, { once: true });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (code === 0) return output;
    options.signal.throwIfAborted();
    const reason = late ? `took longer than ${options.timeoutMs / 1000} s` : lastLines(`${output}\n${complaint}`);
    throw new TillcastError('ETL_SERVICES', `${basename(program)} failed: ${reason}`, { retryable: late });
  } catch (error) {
    if (error instanceof TillcastError || options.signal.aborted) throw error;
    throw new TillcastError('ETL_SERVICES', `${program} cannot be run: ${messageOf(error)}`, { cause: error });
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', end);
  }
}

function lastLines(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: tools colour their output even without a terminal
  const plain = text.replace(/\u001b\[[0-9;]*m/g, '');
  const lines = plain.split('\n').filter((line) => line.trim() !== '' && !/^\s+at /.test(line));
  const errors = lines.filter((line) => /error|fatal/i.test(line) && !/-X switch|\[Help 1\]$/.test(line));
  return (
    (errors.length > 0 ? errors.slice(0, 3) : lines.slice(-3)).map((line) => line.trim()).join(' | ') || 'no output'
  );
}
