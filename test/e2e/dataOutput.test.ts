import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { verify } from '../../jobs/verify.ts';
import { dataFiles } from '../support/dataFiles.ts';
import type { TestDataset } from '../support/dataset.ts';
import { expectedCombined, identityOfRow } from '../support/oracle.ts';
import { changes, counts, mixedLines, pick, withDataset } from './dataFixture.ts';

const archives = (dataset: TestDataset) => readdirSync(join(dataset.outputDir, 'archive')).sort();
const archived = (dataset: TestDataset) => archives(dataset).flatMap((name) => dataset.rows(`archive/${name}`));

/** The archive and combined.csv's open month: the full history once. */
function history(dataset: TestDataset) {
  const combined = dataset.rows('combined.csv');
  const openMonth =
    combined
      .map((row) => row.business_date ?? '')
      .sort()
      .at(-1)
      ?.slice(0, 7) ?? '';
  return [...archived(dataset), ...combined.filter((row) => row.business_date?.startsWith(openMonth))];
}

/** When each archive file was written, and by which run. */
function stamps(dataset: TestDataset): Record<string, string> {
  return Object.fromEntries(
    archives(dataset).map((name) => {
      const path = join(dataset.outputDir, 'archive', name);
      return [name, `${statSync(path).mtimeMs} ${dataset.rows(`archive/${name}`)[0]?.run_id}`];
    }),
  );
}

describe('text in the files', () => {
  test('that a spreadsheet would run as a formula is escaped, numbers are not; a mark only where it is needed', async () => {
    await withDataset({}, async (dataset) => {
      const names = ['=1+1', '+cmd', '-2', '@SUM(A1)', 'plain', 'a=b'];
      dataset.write(
        'item.csv',
        `item_id,name,supplier_id,safety_stock_quantity\n${names.map((name, at) => `${-1 - at},${name},=S,-3`).join('\n')}\n`,
      );
      dataset.write('store.csv', 'store_id,name\n-1,=Zürich\n');
      const rows = names.map((_, at) => `{-5},${-1 - at},-1,11/3/2025 10:00,-4,1`);
      dataset.write('inventory_change_a.csv', changes(...rows, '{=2},-1,-1,11/3/2025 10:01,-4,1'));
      dataset.write('inventory_snapshot_a.csv', counts('-1,+7,-1,11/3/2025 9:00,2'));
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: 8 });
      expect(dataset.rows('dim_item.csv').map((row) => [row.item_id, row.item_name, row.supplier_id])).toEqual([
        ['-6', 'a=b', "'=S"],
        ['-5', 'plain', "'=S"],
        ['-4', "'@SUM(A1)", "'=S"],
        ['-3', "'-2", "'=S"],
        ['-2', "'+cmd", "'=S"],
        ['-1', "'=1+1", "'=S"],
      ]);
      const last = dataset.rows('combined.csv').filter((row) => row.item_id === '-1');
      expect(last.map((row) => [row.trans_id, row.employee_id, row.quantity, row.final_quantity])).toEqual([
        ['', "'+7", '2', '2'],
        ["'-5", '', '-4', '-2'],
        ["'=2", '', '-4', '-6'],
      ]);
      expect(new Set(dataset.rows('combined.csv').map((row) => row.store_name))).toEqual(new Set(["'=Zürich"]));
      const marked = (file: string) =>
        readFileSync(join(dataset.outputDir, file)).subarray(0, 3).toString('hex') === 'efbbbf';
      expect(['combined.csv', 'dim_store.csv', 'inventory_current.csv'].map(marked)).toEqual([true, true, true]);
      expect(['delta_quantity.csv', 'dim_item.csv', 'sales_daily.csv'].map(marked)).toEqual([false, false, false]);
      expect(dataset.text('combined.csv')).not.toContain('\r');
      expect(await verify(dataset.pipeline, () => undefined)).toMatchObject({ ok: true, listed: [] });
    });
  });
});

describe('the edges of what an export may hold', () => {
  test('no file at all gives every file with its header alone', async () => {
    await withDataset({}, async (dataset) => {
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded', files: 0, rows_read: 0 });
      for (const [name, text] of dataFiles(dataset.outputDir))
        expect([name, text.split('\n').length]).toEqual([name, 2]);
      expect(dataset.rows('run_info.csv')).toMatchObject([{ state: 'complete', as_of_utc: '', forecast_month: '' }]);
      expect(await verify(dataset.pipeline, () => undefined)).toMatchObject({ ok: true, pairs: 0 });
      dataset.write('inventory_snapshot_a.csv', counts('101,7,1,11/3/2025 9:00,2'));
      expect(await dataset.hour()).toMatchObject({ rows_new: 1 });
      expect(dataset.rows('delta_quantity.csv')).toEqual([]);
      expect(dataset.rows('inventory_current.csv')).toMatchObject([{ delta_quantity: '', change_quantity: '0' }]);
    });
  });

  test('the largest ids and quantities, quotes, commas and line breaks arrive as they are', async () => {
    await withDataset({}, async (dataset) => {
      const largest = '9007199254740991';
      const row = (trans: string) => `"{${trans}}",${largest},-${largest},2025-11-03 10:00,2147483647,3`;
      dataset.write('inventory_change_a.csv', changes(row('a,b'), row('say ""hi""'), row('back\\slash'), row('über')));
      dataset.write(
        'item.csv',
        `item_id,name,supplier_id,safety_stock_quantity\r\n${largest},"Mug, ""blue""\r\nand big",S,${largest}\r\n`,
      );
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: 4, rows_rejected: 0 });
      expect(dataset.rows('delta_quantity.csv')).toMatchObject([
        { store_id: `-${largest}`, item_id: largest, delta_quantity: String(4 * 2_147_483_647) },
      ]);
      const rows = dataset.rows('combined.csv');
      expect(rows.map((found) => found.trans_id).sort()).toEqual(['a,b', 'back\\slash', 'say "hi"', 'über']);
      expect(new Set(rows.map((found) => found.item_name))).toEqual(new Set(['Mug, "blue" and big']));
      expect(dataset.rows('dim_item.csv')).toMatchObject([{ safety_stock_quantity: largest }]);
      dataset.write('inventory_change_b.csv', changes(row('b'), row('a,b')));
      expect(await dataset.hour()).toMatchObject({ rows_new: 1, rows_duplicate: 1 });
      expect(await verify(dataset.pipeline, () => undefined)).toMatchObject({ ok: true, listed: [] });
    });
  });
});

describe('the window of combined.csv and the archive', () => {
  test('hold the full history once, every row with the stock that it left behind', async () => {
    const { change, count } = mixedLines(5, 300);
    const whole = await withDataset({ COMBINED_DAYS: '0' }, async (dataset) => {
      dataset.write('inventory_change_a.csv', changes(...change));
      dataset.write('inventory_snapshot_a.csv', counts(...count));
      await dataset.hour();
      return { rows: dataset.rows('combined.csv'), files: dataFiles(dataset.outputDir) };
    });
    await withDataset({ COMBINED_DAYS: '7' }, async (dataset) => {
      dataset.write('inventory_change_a.csv', changes(...change));
      dataset.write('inventory_snapshot_a.csv', counts(...count));
      await dataset.hour();
      expect(archives(dataset)).toEqual(['01', '02', '03', '04'].map((month) => `combined_2025-${month}.csv`));
      expect(dataset.rows('combined.csv')[0]?.business_date).toMatch(/^2025-05-/);
      const rows = history(dataset);
      expect(rows.map(identityOfRow).sort()).toEqual(whole.rows.map(identityOfRow).sort());
      const figures = ['event_id', 'final_quantity', 'source_type', 'units_sold'];
      const byEvent = (all: readonly Readonly<Record<string, string | undefined>>[]) =>
        new Map(all.map((row) => [row.event_id, row]));
      expect(byEvent(pick(rows, figures))).toEqual(byEvent(expectedCombined(whole.rows)));
      for (const name of archives(dataset)) {
        expect(dataFiles(dataset.outputDir).get(`archive/${name}`)).toBe(whole.files.get(`archive/${name}`));
      }
      for (const row of archived(dataset)) {
        expect([row.forecast_month, row.forecast_units_linear, row.low_stock_rank]).toEqual(['', '', '']);
        expect([row.forecast_units, row.forecast_lower, row.forecast_upper]).toEqual(['', '', '']);
      }
    });
  });

  test('a window that is longer than the open month reaches into the last one', async () => {
    await withDataset({ COMBINED_DAYS: '7' }, async (dataset) => {
      const days = ['2/24', '2/25', '2/28', '3/1', '3/3'];
      dataset.write('inventory_change_a.csv', changes(...days.map((day) => `{1},101,1,${day}/2025 10:00,-1,1`)));
      await dataset.hour();
      const dates = dataset.rows('combined.csv').map((row) => row.business_date);
      expect(dates).toEqual(['2025-02-25', '2025-02-28', '2025-03-01', '2025-03-03']);
      expect(history(dataset)).toHaveLength(5);
    });
  });

  test('a late row rewrites the archived months whose rows it changes, and no other', async () => {
    await withDataset({ COMBINED_DAYS: '7' }, async (dataset) => {
      dataset.write(
        'inventory_change_a.csv',
        changes(
          '{1},101,1,1/20/2025 10:00,-1,1',
          '{2},101,1,2/5/2025 9:00,-1,1',
          '{3},101,1,3/10/2025 9:00,-1,1',
          '{4},101,1,4/10/2025 9:00,-1,1',
        ),
      );
      dataset.write('inventory_snapshot_a.csv', counts('101,7,1,1/10/2025 8:00,10', '101,7,1,2/5/2025 10:00,8'));
      await dataset.hour();
      const stock = () => history(dataset).map((row) => `${row.date_time?.slice(5, 13)} ${row.final_quantity}`);
      expect(stock()).toEqual(['01-10 08 10', '01-20 10 9', '02-05 09 8', '02-05 10 8', '03-10 09 7', '04-10 09 6']);
      const first = stamps(dataset);

      dataset.write('inventory_change_b.csv', changes('{5},101,1,3/11/2025 9:00,-1,1'));
      await dataset.hour();
      const second = stamps(dataset);
      const changed = (before: Record<string, string>, after: Record<string, string>) =>
        Object.keys(after).filter((name) => before[name] !== after[name]);
      expect(changed(first, second)).toEqual(['combined_2025-03.csv']);

      // One run with a row before and one after the count of 5 February: its morning changes, its closing does not.
      dataset.write(
        'inventory_change_c.csv',
        changes('{6},101,1,1/21/2025 9:00,-3,1', '{7},101,1,3/12/2025 9:00,-1,1'),
      );
      await dataset.hour();
      expect(stock()).toEqual(
        ['01-10 08 10', '01-20 10 9', '01-21 09 6', '02-05 09 5', '02-05 10 8'].concat([
          '03-10 09 7',
          '03-11 09 6',
          '03-12 09 5',
          '04-10 09 4',
        ]),
      );
      expect(dataset.rows('stocktake.csv').map((row) => row.book_quantity)).toEqual(['', '5']);

      const before = dataFiles(dataset.outputDir);
      rmSync(join(dataset.outputDir, 'archive', 'combined_2025-02.csv'));
      const kept = stamps(dataset);
      await dataset.hour();
      expect(changed(kept, stamps(dataset))).toEqual(['combined_2025-02.csv']);
      expect(dataFiles(dataset.outputDir)).toEqual(before);
    });
  });

  test('changed names show in combined.csv at once, and in the archive on the next closed day', async () => {
    await withDataset({}, async (dataset) => {
      const item = (name: string) =>
        dataset.write('item.csv', `item_id,name,supplier_id,safety_stock_quantity\n101,${name},S,1\n`);
      const days = ['10/30/2025', '11/3/2025'].map((day) => `{1},101,1,${day} 10:00,-1,1`);
      item('Kettle');
      dataset.write('inventory_change_a.csv', changes(...days));
      await dataset.hour();
      item('Pot');
      await dataset.hour();
      const names = () =>
        [archived(dataset), dataset.rows('combined.csv')].map((rows) => rows.map((row) => row.item_name));
      expect(names()).toEqual([['Kettle'], ['Pot', 'Pot']]);
      dataset.write('inventory_change_a.csv', changes(...days, '{1},101,1,11/4/2025 10:00,-1,1'));
      await dataset.hour();
      expect(names()).toEqual([['Pot'], ['Pot', 'Pot', 'Pot']]);
      const stamp = stamps(dataset);
      await dataset.hour();
      expect(stamps(dataset)).toEqual(stamp);
    });
  });
});
