import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { newestRuns } from '../../lib/postgres/ledger.ts';
import { spawnCommand } from '../support/commandProcess.ts';
import type { TestDataset } from '../support/dataset.ts';
import { changes, expectOracle, expectRowsAddUp, withDataset } from './dataFixture.ts';
import { told } from './fileTrapsFixture.ts';

const name = 'inventory_change_a.csv';
const rows = 12_000;

/** `once` that sleeps at a fail point until `meanwhile` is done. */
async function onceWithPause(
  dataset: TestDataset,
  point: 'mid_file' | 'before_send',
  meanwhile: () => void,
): Promise<void> {
  const env = { FAIL_AT: `${point}:stop`, ROWS_PER_SEND: '500' };
  const child = spawnCommand(dataset, 'jobs/onceCommand.ts', [], env);
  child.stdout.resume();
  child.stderr.resume();
  const ended = once(child, 'exit');
  const state = () => spawnSync('ps', ['-o', 'state=', '-p', String(child.pid)]).stdout.toString();
  for (let tries = 0; !state().startsWith('T'); tries += 1) {
    if (tries > 600 || child.exitCode !== null) throw new Error('the process did not come to its pause');
    await sleep(50);
  }
  meanwhile();
  child.kill('SIGCONT');
  expect(await ended).toEqual([0, null]);
}

/** Every event as the line that it must have been; long ones, so that few rows make a file of some blocks. */
const line = (item: number, trans: string) => `{${trans}},${item},1,11/3/2025 10:00,-1,10`;
async function counted({ pipeline }: TestDataset): Promise<string[]> {
  const { rows: events } = await pipeline.db.pool.query<{ item_id: string; trans_id: string; type: string }>(
    'SELECT item_id, trans_id, change_type_id AS type FROM inventory_event',
  );
  return events.map(({ item_id, trans_id, type }) => line(Number(item_id), trans_id).replace(/10$/, type));
}

test('a file that is cut while it is sent gives no half line, is told, and counts whole when it is whole again', async () => {
  await withDataset({}, async (dataset) => {
    const lines = Array.from({ length: rows }, (_, at) => line(100 + (at % 50), `${at}`.padEnd(180, 'x')));
    const text = changes(...lines);
    dataset.write(name, text);
    // Without its last character a line would still be a good row, of change type 1.
    const cutAt = text.indexOf('\n', Math.floor(text.length * 0.6)) - 1;
    await onceWithPause(dataset, 'mid_file', () => truncateSync(join(dataset.inputDir, name), cutAt));
    const [run] = await newestRuns(dataset.pipeline.db, 1);
    expect(run).toMatchObject({ status: 'succeeded', rows_rejected: 0 });
    if (run !== undefined) expectRowsAddUp(run);
    expect(told(dataset, 'replaced_while_read')).toEqual([`${name}: 1`]);
    const sent = await counted(dataset);
    expect(sent.length).toBeGreaterThan(500);
    expect(sent.length).toBeLessThan(rows);
    const asWritten = new Set(lines);
    expect(sent.filter((event) => !asWritten.has(event))).toEqual([]);

    dataset.write(name, text);
    expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: rows - sent.length });
    expect((await counted(dataset)).sort()).toEqual([...lines].sort());
  });
});

test.each([
  ['a line whose value got longer', (text: string) => text.replace(',-1,10', ',-12345,10')],
  ['a line that is gone', (text: string) => text.replace(/^.*second.*\n/m, '')],
  ['columns in another order', (text: string) => text.replaceAll(/^(.*?),(.*?),(.*?),/gm, '$1,$3,$2,')],
])(
  'a file that is replaced between the look through it and its sending, by one with %s, gives no false event',
  async (_, change) => {
    await withDataset({}, async (dataset) => {
      const before = changes(line(101, 'first'), line(102, 'second'), line(103, 'third'));
      dataset.write(name, before);
      await onceWithPause(dataset, 'before_send', () => dataset.write(name, change(before)));
      expect(told(dataset, 'replaced_while_read')).toEqual([`${name}: 1`]);
      expect(await counted(dataset)).toEqual([]);

      const rowsNow = change(before).trimEnd().split('\n').length - 1;
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: rowsNow, rows_rejected: 0 });
      expectOracle(dataset);
    });
  },
);
