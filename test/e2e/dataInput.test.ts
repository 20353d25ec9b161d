import { appendFileSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { runOnce } from '../../jobs/once.ts';
import { verify } from '../../jobs/verify.ts';
import { dataFiles } from '../support/dataFiles.ts';
import type { TestDataset } from '../support/dataset.ts';
import {
  changeHeader,
  changes,
  counts,
  expectOracle,
  expectRowsAddUp,
  handRun,
  pick,
  withDataset,
} from './dataFixture.ts';

const sale = (trans: number, quantity = -1, item = 101) => `{${trans}},${item},1,11/3/2025 10:00,${quantity},1`;
const deltas = (dataset: TestDataset) =>
  dataset.rows('delta_quantity.csv').map((row) => [row.store_id, row.item_id, row.delta_quantity].join(' '));
const findings = (dataset: TestDataset, rule: string) =>
  pick(
    dataset.rows('data_quality.csv').filter((row) => row.rule === rule),
    ['subject', 'count'],
  );

describe('bad input', () => {
  test('is told line by line with its reason, and the rest is loaded', async () => {
    await withDataset({}, async (dataset) => {
      const bad = [
        '{2},101,1,13/40/2025 10:00,-2,1',
        '{2},101,1,11/3/2025 10:00,3.5,1',
        '{2},101,1,11/3/2025 10:00,-1',
        '{2},101,1,11/3/2025 10:00,-1,1,extra',
        '{2},1\u00ff1,1,11/3/2025 10:00,-1,1',
        '{2},10\u00001,1,11/3/2025 10:00,-1,1',
        '"{2},101,1,11/3/2025 10:00,-1,1',
        '{2},101,1,1/1/2091 0:00,-1,1',
        '{2},101,1,1/1/1970 0:00,-1,1',
        '{},101,1,11/3/2025 10:00,-1,1',
        '{2},101,1,11/3/2025 10:00,99999999999,1',
        '{2},,1,11/3/2025 10:00,1e3,1',
      ];
      const lines = [
        changeHeader,
        sale(1),
        '',
        changeHeader,
        ...bad,
        sale(3, -2, 999),
        '{4},101,1,11/3/2025 12:00,-1,9',
      ];
      // latin1, so that ÿ becomes the byte 0xff, which is no UTF-8.
      dataset.write('inventory_change_b.csv', Buffer.from(`${lines.join('\n')}\n`, 'latin1'));
      dataset.write('inventory_snapshot_b.csv', counts('101,5,1,11/3/2025 9:00,-4', '101,5,1,11/3/2025 9:00,40'));
      dataset.write(
        'inventory_change_c.csv',
        'trans_id,item_id,store_id,date_time,change_type_id\n{1},101,1,11/3/2025 10:00,1\n',
      );
      dataset.write('inventory_change_d.csv', Buffer.from(`\ufeff${changes(sale(9))}`, 'utf16le'));
      dataset.write('inventory_change_empty.csv', '');
      dataset.write('inventory_change_header.csv', `${changeHeader}\n`);
      mkdirSync(join(dataset.inputDir, 'inventory_change_folder.csv'));
      dataset.write('item.csv', 'item_id,name,supplier_id,safety_stock_quantity\n101,Kettle,9,50\nx,Mug,9,1\n');
      dataset.write('notes.txt', 'nothing');

      const run = await dataset.hour();
      expect(run).toMatchObject({ status: 'succeeded_with_warnings', files_refused: 3, rows_read: 17, rows_new: 4 });
      expect(run).toMatchObject({ rows_rejected: 13, rows_duplicate: 0 });
      const rejected = dataset.rows('rejected_rows.csv');
      expect(rejected.map((row) => [row.file, row.line, row.column, row.reason])).toEqual([
        ['inventory_change_b.csv', '5', 'date_time', 'expected M/d/yyyy H:mm or yyyy-MM-dd HH:mm[:ss]'],
        ['inventory_change_b.csv', '6', 'quantity', 'expected a whole number within ±2147483647'],
        ['inventory_change_b.csv', '7', '', 'too few fields: expected 6, got 5'],
        ['inventory_change_b.csv', '8', '', 'too many fields: expected 6, got 7'],
        ['inventory_change_b.csv', '9', '', 'not UTF-8'],
        ['inventory_change_b.csv', '10', '', 'a NUL character'],
        ['inventory_change_b.csv', '11', '', 'an unbalanced quote'],
        ['inventory_change_b.csv', '12', 'date_time', expect.stringContaining('MAX_FUTURE_HOURS')],
        ['inventory_change_b.csv', '13', 'date_time', 'before 2000-01-01 (MIN_DATE)'],
        ['inventory_change_b.csv', '14', 'trans_id', 'a change needs its transaction'],
        ['inventory_change_b.csv', '15', 'quantity', 'expected a whole number within ±2147483647'],
        ['inventory_change_b.csv', '16', 'item_id', 'expected a whole number within ±(2^53-1)'],
        ['inventory_snapshot_b.csv', '2', 'quantity', 'a count cannot be negative'],
        ['item.csv', '3', 'item_id', 'expected a whole number within ±(2^53-1)'],
      ]);
      expect(rejected[1]).toMatchObject({ value: '3.5', raw: bad[1] });
      expect(deltas(dataset)).toEqual(['1 101 -2', '1 999 -2']);
      expect(findings(dataset, 'refused_file').map((row) => row.subject)).toEqual([
        'inventory_change_c.csv',
        'inventory_change_d.csv',
        'inventory_change_folder.csv',
      ]);
      expect(findings(dataset, 'ignored_file')).toEqual([{ subject: 'notes.txt', count: '1' }]);
      expect(findings(dataset, 'rejected_rows')).toContainEqual({ subject: 'inventory_change_b.csv', count: '12' });
      expect(findings(dataset, 'repeated_header')).toEqual([{ subject: 'inventory_change_b.csv', count: '1' }]);
      expect(findings(dataset, 'unknown_item')).toEqual([{ subject: 'item 999', count: '1' }]);
      expect(findings(dataset, 'unknown_store')).toEqual([{ subject: 'store 1', count: '4' }]);
      expect(findings(dataset, 'unknown_change_type')).toEqual([{ subject: 'change type 9', count: '1' }]);
      const unknown = dataset.rows('combined.csv').find((row) => row.change_type_id === '9');
      expect(unknown).toMatchObject({ action: 'unknown change type 9', units_sold: '', final_quantity: '38' });

      // Once per file: the next hour tells them no second time, and a corrected row is loaded.
      appendFileSync(join(dataset.inputDir, 'inventory_change_b.csv'), `${sale(2)}\n`);
      expect(await dataset.hour()).toMatchObject({ rows_read: 1, rows_new: 1, rows_rejected: 0 });
      expect(dataset.rows('rejected_rows.csv')).toHaveLength(14);
      expect(deltas(dataset)).toEqual(['1 101 -3', '1 999 -2']);
    });
  });

  test('of 100 rows and more than 5 % refuses that part whole, keeps its watermark, and loads it when corrected', async () => {
    await withDataset({}, async (dataset) => {
      const rows = (from: number, to: number, wrong: string) =>
        Array.from({ length: to - from }, (_, at) => `{${from + at}},101,1,11/3/2025 10:00,${at < 100 ? wrong : -1},1`);
      dataset.write('inventory_change_a.csv', changes(...rows(0, 10, '-1')));
      dataset.write('inventory_change_z.csv', changes(sale(900, -5, 102)));
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: 11 });
      const watermark = async () =>
        (
          await dataset.pipeline.db.pool.query(
            `SELECT applied_to, applied_lines FROM source_file WHERE name = 'inventory_change_a.csv'`,
          )
        ).rows;
      const before = await watermark();

      dataset.write('inventory_change_a.csv', changes(...rows(0, 10, '-1'), ...rows(10, 310, 'x')));
      dataset.write('inventory_change_z.csv', changes(sale(900, -5, 102), sale(901, -5, 102)));
      const refused = await dataset.hour();
      expect(refused).toMatchObject({ status: 'succeeded_with_warnings', files: 2, files_refused: 1 });
      expect(refused).toMatchObject({ rows_read: 1, rows_new: 1, rows_rejected: 0 });
      expect(deltas(dataset)).toEqual(['1 101 -10', '1 102 -10']);
      expect(await watermark()).toEqual(before);
      const listed = dataset.rows('rejected_rows.csv').map((row) => Number(row.line));
      expect(listed).toEqual(Array.from({ length: 20 }, (_, at) => 12 + at));
      const [info] = dataset.rows('run_info.csv');
      expect(info?.reason).toContain('inventory_change_a.csv refused: 100 of 300 rows are bad (33.3 %');

      dataset.write('inventory_change_a.csv', changes(...rows(0, 10, '-1'), ...rows(10, 310, '-1')));
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_read: 300, rows_new: 300 });
      expect(deltas(dataset)).toEqual(['1 101 -310', '1 102 -10']);
      expect(findings(dataset, 'refused_file')).toEqual([]);
      expect(await verify(dataset.pipeline, () => undefined)).toMatchObject({ ok: true });
    });
  });
});

describe('what is loaded but odd', () => {
  test('is told in data_quality, with its count', async () => {
    await withDataset({ SILENT_DAYS: '7' }, async (dataset) => {
      const ordinary = Array.from({ length: 12 }, (_, at) => sale(100 + at));
      dataset.write('store.csv', 'store_id,name\n1,Berlin\n2,Leeds\n');
      dataset.write('item.csv', 'item_id,name,supplier_id,safety_stock_quantity\n101,Kettle,S,1\n');
      dataset.write(
        'inventory_change_a.csv',
        changes(
          ...ordinary,
          '{1},0101,1,11/3/2025 10:00,0,1',
          '{2},101,1,11/3/2025 10:00,3,1',
          '{3},101,1,11/3/2025 10:00,-3,3',
          '{4},101,2,10/20/2025 10:00,-1,1',
        ),
      );
      dataset.write('inventory_snapshot_a.csv', counts('101,5,1,11/1/2025 9:00,40', '101,6,1,11/1/2025 9:00,41'));
      await dataset.hour();
      const count = (rule: string) => findings(dataset, rule).map((row) => `${row.subject}: ${row.count}`);
      expect(count('leading_zeros')).toEqual(['inventory_change_a.csv: 1']);
      expect(count('zero_change')).toEqual(['store 1: 1']);
      expect(count('unusual_sign')).toEqual(['store 1, restock: 1', 'store 1, sale: 1']);
      expect(count('silent_store')).toEqual(['store 2: 14']);
      // Both counts came in this run, and each differs from the other.
      expect(count('counts_disagree')).toEqual(['store 1: 2']);
      expect(dataset.rows('inventory_current.csv')[0]).toMatchObject({ snapshot_quantity: '41' });

      // One line of the export is another now: a correction, perhaps. Another register repeats one receipt.
      dataset.write('inventory_change_a.csv', changes(...ordinary.slice(1), sale(100, -7)));
      dataset.write(
        'inventory_change_b.csv',
        changes(...Array.from({ length: 11 }, (_, at) => sale(200 + at)), sale(105)),
      );
      dataset.write('item.csv', 'item_id,name,supplier_id,safety_stock_quantity\n101,Pot,S,1\n');
      expect(await dataset.hour()).toMatchObject({ rows_read: 24, rows_new: 12, rows_duplicate: 12 });
      expect(count('possible_correction')).toEqual(['inventory_change_a.csv: 5']);
      expect(count('few_duplicates')).toEqual(['inventory_change_b.csv: 1']);
      expect(count('names_changed')).toEqual(['items and stores: 1']);
    });
  });
});

describe('the formats of exports', () => {
  test('gzip, byte-order mark, CRLF, quotes, any order of columns and both date formats read the same', async () => {
    const rows = [
      ['{1}', '101', '1', '11/3/2025 9:05', '-2', '1'],
      ['{2}', '102', '2', '2025-11-03 09:05:30', '+3', '3'],
    ];
    const plain = await withDataset({}, async (dataset) => {
      dataset.write('inventory_change_a.csv', changes(...rows.map((row) => row.join(','))));
      await dataset.hour();
      return dataFiles(dataset.outputDir);
    });
    await withDataset({}, async (dataset) => {
      const columns = changeHeader.split(',');
      const turned = [columns, ...rows].map((row) =>
        ['7', ...row]
          .reverse()
          .map((cell) => `" ${cell}"`)
          .join(','),
      );
      const text = `\ufeff${turned.join('\r\n').replace('" 7"', '"id"').replaceAll('"id"', 'extra')}\r\n`;
      dataset.write('Inventory_Change_A.CSV.GZ', gzipSync(text));
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: 2 });
      expect(dataFiles(dataset.outputDir)).toEqual(plain);
      expect(findings(dataset, 'extra_columns')).toEqual([{ subject: 'Inventory_Change_A.CSV.GZ', count: '1' }]);
    });
  });

  test('day and month go by the order of the store, times by its zone, also where clocks change', async () => {
    await withDataset({ DATE_ORDER_STORES: '3:dmy', TIMEZONE: 'Asia/Kolkata' }, async (dataset) => {
      dataset.write(
        'store.csv',
        'store_id,name,timezone\n1,Berlin,Europe/Berlin\n2,New York,America/New_York\n3,Lord Howe,Australia/Lord_Howe\n',
      );
      dataset.write(
        'inventory_change_all.csv',
        changes(
          '{1},101,1,3/30/2025 2:30,-1,1',
          '{2},101,1,10/26/2025 2:30,-1,1',
          '{3},101,2,3/9/2025 2:30,-1,1',
          '{4},101,2,11/2/2025 1:30,-1,1',
          '{5},101,3,6/4/2025 1:45,-1,1',
          '{6},101,4,6/4/2025 10:00,-1,1',
        ),
      );
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: 6 });
      const times = ['archive/combined_2025-03.csv', 'archive/combined_2025-04.csv', 'archive/combined_2025-06.csv']
        .concat('archive/combined_2025-10.csv', 'combined.csv')
        .flatMap((file) => dataset.rows(file))
        .map((row) => [row.trans_id, row.date_time, row.date_time_utc].join(' | '));
      expect([...new Set(times)].sort()).toEqual([
        // In the gap: with the offset before it. In the doubled hour: the first.
        '1 | 2025-03-30 02:30:00 | 2025-03-30 01:30:00',
        '2 | 2025-10-26 02:30:00 | 2025-10-26 00:30:00',
        '3 | 2025-03-09 02:30:00 | 2025-03-09 07:30:00',
        '4 | 2025-11-02 01:30:00 | 2025-11-02 05:30:00',
        '5 | 2025-04-06 01:45:00 | 2025-04-05 14:45:00',
        '6 | 2025-06-04 10:00:00 | 2025-06-04 04:30:00',
      ]);
      expect(findings(dataset, 'local_time_in_gap')).toHaveLength(2);
      expect(findings(dataset, 'local_time_twice')).toHaveLength(3);
    });
  });
});

describe('reference files that arrive later', () => {
  const events = {
    'inventory_change_a.csv': changes(
      '{1},101,1,10/30/2025 10:00,-2,1',
      '{2},101,1,11/1/2025 10:00,-3,7',
      '{3},101,5,11/2/2025 10:00,-4,4',
      '{4},101,0,11/2/2025 10:00,-5,4',
    ),
    'inventory_snapshot_a.csv': counts(
      '101,3,1,10/1/2025 8:00,50',
      '101,,5,10/1/2025 8:00,50',
      '101,,0,10/1/2025 8:00,50',
    ),
  };
  const references = {
    'inventory_change_type.csv': 'change_type_id,change_type\n1,giveaway\n7,sale\n4,bopis\n',
    'item.csv': 'item_id,name,supplier_id,safety_stock_quantity\n101,Kettle,S9,46\n',
    'store.csv': 'store_id,name\n1,Berlin\n5,online\n0,Depot\n',
  };
  const put = (dataset: TestDataset, files: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(files)) dataset.write(name, text);
  };

  test('change what change types mean and which store is online, and show their names in all rows', async () => {
    const inTime = await withDataset({}, async (dataset) => {
      put(dataset, { ...events, ...references });
      await dataset.hour();
      return dataFiles(dataset.outputDir);
    });
    await withDataset({}, async (dataset) => {
      put(dataset, events);
      await dataset.hour();
      expectOracle(dataset);
      const sold = () =>
        dataset
          .rows('combined.csv')
          .map((row) => row.units_sold)
          .filter((units) => units !== '');
      expect(sold()).toEqual(['5', '2', '4']);
      put(dataset, references);
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: 0, rows_read: 0 });
      expect(sold()).toEqual(['5', '3', '4']);
      const rows = dataset.rows('combined.csv');
      expect(new Set(rows.map((row) => `${row.store_name} ${row.item_name}`))).toEqual(
        new Set(['Berlin Kettle', 'online Kettle', 'Depot Kettle']),
      );
      expect(rows.find((row) => row.trans_id === '1')).toMatchObject({ action: 'giveaway', final_quantity: '48' });
      expect(rows.find((row) => row.trans_id === '3')).toMatchObject({ store_id: '5', final_quantity: '50' });
      expect(dataFiles(dataset.outputDir)).toEqual(inTime);
      expect(await verify(dataset.pipeline, () => undefined)).toMatchObject({ ok: true, listed: [] });
    });
  });
});

describe('a last line without its line end', () => {
  test('waits until the file is still, counts once, and is told as doubtful when the file goes on in it', async () => {
    await withDataset({ SETTLE_SECONDS: '3600' }, async (dataset) => {
      const path = join(dataset.inputDir, 'inventory_change_a.csv');
      const still = () => utimesSync(path, new Date(), new Date(Date.now() - 2 * 3_600_000));
      writeFileSync(path, `${changes(sale(1))}${sale(2, -1)}`);
      expect(await handRun(dataset)).toMatchObject({ status: 'succeeded', rows_read: 1, rows_new: 1 });
      expect(findings(dataset, 'line_waits')).toEqual([{ subject: 'inventory_change_a.csv', count: '1' }]);

      still();
      expect(await handRun(dataset)).toMatchObject({ rows_read: 1, rows_new: 1 });
      expect(deltas(dataset)).toEqual(['1 101 -2']);
      expect(findings(dataset, 'line_waits')).toEqual([]);

      // Its line end comes, and a whole line after it: nothing of it is doubtful.
      appendFileSync(path, `\n${sale(3)}\n${sale(4, -1)}`);
      still();
      expect(await handRun(dataset)).toMatchObject({ rows_read: 2, rows_new: 2, rows_duplicate: 0 });
      expect(findings(dataset, 'doubtful_line')).toEqual([]);

      // `…,-1,1` turns out to be `…,-1,12`: both count, and a person is told.
      appendFileSync(path, '2\n');
      still();
      expect(await handRun(dataset)).toMatchObject({ rows_read: 1, rows_new: 1 });
      expect(findings(dataset, 'doubtful_line')).toEqual([{ subject: 'inventory_change_a.csv', count: '1' }]);
      expect(deltas(dataset)).toEqual(['1 101 -5']);
      expectRowsAddUp(await handRun(dataset));
    });
  });

  test('is given the time to settle by once, which then takes it', async () => {
    await withDataset({ SETTLE_SECONDS: '1' }, async (dataset) => {
      dataset.write('inventory_change_a.csv', `${changes(sale(1))}${sale(2)}`);
      expect(await dataset.hour()).toMatchObject({ rows_read: 2, rows_new: 2 });
      const other = { ...dataset.pipeline, inputDir: dataset.outputDir };
      await expect(runOnce(other, () => undefined)).rejects.toMatchObject({
        code: 'ETL_INPUT',
        message: expect.stringContaining(`dataset ${dataset.name} reads ${dataset.inputDir}, not ${dataset.outputDir}`),
      });
    });
  });
});
