import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { FuzzWork } from './run.ts';

/** Runs a fuzz in a process of its own: in Jest's, what other test files left would count as its memory. */
export function inOwnProcess<Name extends keyof FuzzWork>(
  name: Name,
  seed: number,
  rows: number,
): Promise<Awaited<ReturnType<FuzzWork[Name]>> & { maxRssBytes: number }> {
  const program = join(import.meta.dirname, 'run.ts');
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      ['--import', 'tsx', program, name, String(seed), String(rows)],
      { maxBuffer: 64 * 1024 * 1024 },
      (error, out, err) => (error === null ? resolve(JSON.parse(out)) : reject(new Error(err.slice(-4_000)))),
    );
  });
}
