import { afterEach, expect, test } from '@jest/globals';
import { query } from '../../lib/postgres/pool.ts';
import { type CommandEnd, spawnCommand } from '../support/commandProcess.ts';
import { openTestDataset, type TestDataset } from '../support/dataset.ts';
import { changes } from './dataFixture.ts';

let dataset: TestDataset;

afterEach(() => dataset.close());

const rows = 60_000;

test('once that is stopped by SIGTERM in the middle ends with one sentence, and the next goes on at once and counts each row once', async () => {
  dataset = await openTestDataset();
  const lines = Array.from({ length: rows }, (_, at) => `{t${at}},${at % 500},1,2026-01-05 10:00,-1,1`);
  dataset.write('inventory_change_1.csv', changes(...lines));
  const stopped = await stoppedOnceOpened();
  expect(stopped).toMatchObject({ code: 1, signal: null, stdout: '' });
  expect(stopped.stderr.trimEnd().split('\n').at(-1)).toMatch(/^ETL_RUN_FAILED: stopped by SIGTERM/);
  expect(stopped.stderr).not.toMatch(/pool|after calling end|at .*\.ts:/);
  await dataset.hour();
  // The run was given back, not left to be taken for dead.
  expect(dataset.said.join('\n')).toMatch(/taking it up/);
  expect(dataset.said.join('\n')).not.toMatch(/waiting some seconds/);
  expect(await query(dataset.pipeline.db, 'SELECT count(*)::int AS events FROM inventory_event')).toEqual([
    { events: rows },
  ]);
});

function stoppedOnceOpened(): Promise<CommandEnd> {
  const child = spawnCommand(dataset, 'jobs/onceCommand.ts');
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    if (/run \S+ opened:/.test(stderr)) child.kill('SIGTERM');
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
