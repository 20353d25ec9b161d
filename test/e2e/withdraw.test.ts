import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { verify } from '../../jobs/verify.ts';
import { runCommandProcess } from '../support/commandProcess.ts';
import { dataFiles } from '../support/dataFiles.ts';
import { openTestDataset, type TestDataset } from '../support/dataset.ts';
import { changes, counts, pick, withDataset } from './dataFixture.ts';

const right = ['{1},101,1,11/3/2025 10:00,-1,1', '{2},102,1,11/3/2025 11:00,-2,1', '{3},101,2,11/4/2025 9:00,12,3'];
/** Delivered by mistake: a till that sold a thousand, twice the same line, and a shrink. */
const wrong = [
  '{4},101,1,11/4/2025 10:00,-1000,1',
  '{4},101,1,11/4/2025 10:00,-1000,1',
  '{5},102,1,11/4/2025 10:00,-3,2',
];
const count = '101,7,1,11/3/2025 8:00,40';

let dataset: TestDataset;

beforeAll(async () => {
  dataset = await openTestDataset();
  dataset.write('inventory_snapshot_1.csv', counts(count));
  dataset.write('inventory_change_1.csv', changes(...right, ...wrong));
  await dataset.hour();
});
afterAll(() => dataset.close());

const withdraw = (file: string, lines: string) =>
  runCommandProcess(dataset, 'jobs/withdrawCommand.ts', ['--file', file, '--lines', lines]);

describe('withdraw', () => {
  test.each([
    ['lines that are not there', 'inventory_change_1.csv', '6-99', 'it ends at line 7, and line 99 was asked for'],
    ['a file that is not there', 'inventory_change_9.csv', '5', 'holds no export inventory_change_9.csv'],
    ['a count', 'inventory_snapshot_1.csv', '2', 'a counter-event cannot take back'],
  ])('refuses %s with a sentence, and nothing changes', async (_, file, lines, sentence) => {
    const before = dataFiles(dataset.outputDir);
    const { code, stderr } = await withdraw(file, lines);
    expect([code, stderr]).toEqual([1, expect.stringContaining(sentence)]);
    expect(stderr).not.toMatch(/\n {4}at /);
    await dataset.hour();
    expect(dataFiles(dataset.outputDir)).toEqual(before);
  });

  test('refuses lines that were rejected or are not counted yet, all or none', async () => {
    dataset.write(
      'inventory_change_2.csv',
      changes('{7},101,1,11/5/2025 10:00,3.5,1', '{8},101,1,11/5/2025 10:00,-1,1'),
    );
    const { code, stderr } = await withdraw('inventory_change_2.csv', '2-3');
    expect([code, stderr]).toEqual([1, expect.stringContaining('line 2 was never loaded')]);
    expect(stderr).toContain('line 3 is not counted yet: run first');
    dataset.write('inventory_change_2.csv', changes());
  });

  test('takes lines back by counter-events that stay visible, and every figure is as if they had not come', async () => {
    const { code, stdout, stderr } = await withdraw('inventory_change_1.csv', '5-7');
    expect([code, stderr]).toEqual([0, expect.stringContaining('3 lines are to be taken back')]);
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({ status: 'succeeded', rows_new: 3 });

    expect(pick(dataset.rows('delta_quantity.csv'), ['store_id', 'item_id', 'delta_quantity'])).toEqual([
      { store_id: '1', item_id: '102', delta_quantity: '-2' },
      { store_id: '1', item_id: '101', delta_quantity: '-1' },
      { store_id: '2', item_id: '101', delta_quantity: '12' },
    ]);
    const movements = dataset.rows('combined.csv').filter(({ trans_id }) => trans_id === '4');
    expect(movements.map(({ quantity }) => quantity).sort()).toEqual(['-1000', '-1000', '1000', '1000']);
    expect(movements.map(({ action }) => action)).toEqual(['sale', 'sale', 'sale', 'sale']);
    expect(dataset.rows('data_quality.csv')).toContainEqual(
      expect.objectContaining({
        rule: 'withdrawn',
        subject: 'inventory_change_1.csv',
        count: '3',
        detail: expect.stringContaining('5 6 7'),
      }),
    );
    expect(await verify(dataset.pipeline, () => undefined)).toMatchObject({ ok: true, listed: [] });
    await withDataset({}, async (clean) => {
      clean.write('inventory_snapshot_1.csv', readFileSync(join(dataset.inputDir, 'inventory_snapshot_1.csv')));
      clean.write('inventory_change_1.csv', changes(...right));
      await clean.hour();
      const columns = ['store_id', 'item_id', 'final_quantity', 'delta_quantity', 'change_quantity', 'stock_status'];
      const stock = (of: TestDataset) => pick(of.rows('inventory_current.csv'), columns);
      expect(stock(dataset)).toEqual(stock(clean));
    });
  });

  test('asked again, or delivered again, changes nothing; the corrected line counts', async () => {
    const before = dataFiles(dataset.outputDir);
    expect((await withdraw('inventory_change_1.csv', '5,7')).stderr).toContain(
      '0 lines are to be taken back, 2 had been',
    );
    dataset.write('inventory_change_again.csv', changes(...right, ...wrong));
    expect(await dataset.hour()).toMatchObject({ rows_read: 6, rows_duplicate: 6 });
    expect(dataFiles(dataset.outputDir)).toEqual(before);
    dataset.write('inventory_change_corrected.csv', changes('{4},101,1,11/4/2025 10:00,-10,1'));
    await dataset.hour();
    expect(dataset.rows('delta_quantity.csv')).toContainEqual(
      expect.objectContaining({ store_id: '1', item_id: '101', delta_quantity: '-11' }),
    );
  });
});
