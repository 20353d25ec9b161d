import { afterEach, expect, test } from '@jest/globals';
import { query } from '../../lib/postgres/pool.ts';
import { runCommandProcess } from '../support/commandProcess.ts';
import { openTestDataset, type TestDataset } from '../support/dataset.ts';
import { changes } from './dataFixture.ts';

let dataset: TestDataset;

afterEach(() => dataset.close());

test('a run whose process died between two steps, held by nobody, is waited for and taken up by the next once', async () => {
  dataset = await openTestDataset();
  dataset.write('inventory_change_1.csv', changes('{a},1,1,2026-01-05 10:00,-1,1'));
  const killed = await runCommandProcess(dataset, 'jobs/onceCommand.ts', [], { FAIL_AT: 'after_produce' });
  expect(killed.signal).toBe('SIGKILL');
  // As if it had died a moment later: its producer gave the run back, no consumer took it. 25 of the 30 s are over.
  const { db } = dataset.pipeline;
  await query(db, `UPDATE run SET holder = NULL, heartbeat_at = now() - interval '25 seconds'`);
  expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: 0 });
  expect(dataset.said.filter((line) => line.includes('taking it up'))).toHaveLength(1);
  expect(await query(db, 'SELECT status, rows_new::int FROM run ORDER BY run_seq')).toEqual([
    { status: 'succeeded', rows_new: 1 },
    { status: 'succeeded', rows_new: 0 },
  ]);
});
