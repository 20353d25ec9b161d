import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { childEnvironment } from '../../config/settings.ts';

const root = join(import.meta.dirname, '..', '..');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
const programs = Object.values(scripts).flatMap((script) => /local\/setup\.mjs (\S+\.ts)/.exec(script)?.[1] ?? []);

/** Runs a program in Node itself, whose module loader is stricter than Jest's. */
function runProgram(args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const none = { KAFKA_BROKERS: '', POSTGRES_URL: '', MONGODB_URL: '', REDIS_URL: '' };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--import', 'tsx', ...args],
      { cwd: root, env: childEnvironment(none) },
      (error, out, err) => resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}

describe('in Node itself', () => {
  test.each([...new Set(programs)])('%s loads with all that it imports, and tells its help', async (program) => {
    expect(await runProgram([program, '--help'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('npm '),
    });
  });

  test('the worker loads with all that it imports, and says what it needs', async () => {
    expect(await runProgram(['jobs/worker.ts'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('the worker needs KAFKA_BROKERS'),
    });
  });
});
