import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { isTimeZone } from '../../config/timeZone.ts';
import { verify } from '../../jobs/verify.ts';
import { openMirror } from '../../lib/mongo/mirror.ts';
import { withSpreadsheetMark } from '../fuzz/outputs.ts';
import type { TestDataset } from '../support/dataset.ts';
import { changeHeader, changes, countHeader, withDataset } from './dataFixture.ts';
import { fileEndings, ids, names, quoted } from './injectionFixture.ts';

const quiet = () => undefined;
const file = (header: string, lines: readonly string[]) => `${header}\n${lines.join('\n')}\n`;
const query = async (dataset: TestDataset, sql: string) =>
  (await dataset.pipeline.db.pool.query<Record<string, string>>(sql)).rows.map((row) => Object.values(row));
const tables = (dataset: TestDataset) =>
  query(
    dataset,
    `SELECT relname::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace
                  AND relname !~ '^inventory_event_' AND relkind IN ('r', 'p') ORDER BY 1`,
  );

describe('SQL, COPY, formula, shell and path injections', () => {
  test('in ids and names reach PostgreSQL as the text that they are, and the CSVs read back to it', async () => {
    await withDataset({}, async (dataset) => {
      const before = await tables(dataset);
      const change = ids.map(({ id, written }) => `${quoted(written)},${id},1,2025-11-03 10:00,-1,1`);
      const count = ids.map(({ id, written }) => `${id},${quoted(written)},1,2025-11-03 09:00,5`);
      // Bytes that text cannot hold reject their line alone.
      const rotten = ['"a\0b",1,1,2025-11-03 10:00,-1,1', 'a\u00ffb,1,1,2025-11-03 10:00,-1,1'];
      dataset.write(
        'inventory_change_a.csv',
        Buffer.concat([Buffer.from(file(changeHeader, change)), Buffer.from(`${rotten.join('\n')}\n`, 'latin1')]),
      );
      dataset.write('inventory_snapshot_a.csv', file(countHeader, count));
      const rows = (header: string, row: (written: string, id: number) => string) =>
        file(
          header,
          names.map(({ id, written }) => row(quoted(written), id)),
        );
      dataset.write(
        'item.csv',
        rows('item_id,name,supplier_id,safety_stock_quantity', (text, id) => `${id},${text},${text},3`),
      );
      dataset.write(
        'store.csv',
        rows('store_id,name', (text, id) => `${id},${text}`),
      );
      dataset.write(
        'inventory_change_type.csv',
        rows('change_type_id,change_type', (text, id) => `${id},${text}`),
      );
      dataset.write(
        'store_zones.csv',
        rows('store_id,name,timezone', (text, id) => `${id + 5_000},x,${text}`),
      );

      const run = await dataset.hour();
      const rejectedZones = names.filter(({ written }) => written.trim() !== '' && !isTimeZone(written.trim())).length;
      expect(run).toMatchObject({ files_refused: 0, rows_new: 2 * ids.length, rows_rejected: 2, rows_duplicate: 0 });
      expect(await tables(dataset)).toEqual(before);

      const texts = (all: typeof ids) => all.map(({ id, kept }) => [id, kept]);
      const stored = (sql: string) => query(dataset, sql);
      expect(await stored('SELECT item_id, trans_id FROM inventory_event WHERE NOT is_count ORDER BY 1')).toEqual(
        texts(ids),
      );
      const employees = ids.map(({ id, written }) => [id, written.trim()]);
      expect(await stored('SELECT item_id, employee_id FROM inventory_event WHERE is_count ORDER BY 1')).toEqual(
        employees,
      );
      expect(await stored('SELECT item_id, name FROM item ORDER BY 1')).toEqual(texts(names));
      expect(await stored('SELECT item_id, supplier_id FROM item ORDER BY 1')).toEqual(texts(names));
      expect(await stored('SELECT store_id, name FROM store WHERE store_id < 5000 ORDER BY 1')).toEqual(texts(names));
      expect(
        await stored('SELECT change_type_id, change_type FROM change_type WHERE change_type_id >= 1000 ORDER BY 1'),
      ).toEqual(texts(names));
      const [zones = []] = await stored(`SELECT count(*) FROM rejected_row WHERE file = 'store_zones.csv'`);
      expect(zones).toEqual([rejectedZones]);

      const marked = (all: typeof ids) => all.map(({ id, kept }) => [String(id), withSpreadsheetMark(kept)]);
      const written = (name: string, id: string, text: string) => dataset.rows(name).map((row) => [row[id], row[text]]);
      const combined = dataset.rows('combined.csv');
      expect(combined.filter((row) => row.trans_id !== '').map((row) => [row.item_id, row.trans_id])).toEqual(
        marked(ids),
      );
      expect(combined.filter((row) => row.employee_id !== '').map((row) => [row.item_id, row.employee_id])).toEqual(
        employees.map(([id, text]) => [String(id), withSpreadsheetMark(String(text))]),
      );
      expect(written('dim_item.csv', 'item_id', 'item_name')).toEqual(marked(names));
      const known = names.filter(({ id }) => ids.some((one) => one.id === id));
      expect(written('inventory_current.csv', 'item_id', 'item_name')).toEqual(marked(known));
      expect(written('inventory_current.csv', 'item_id', 'supplier_id')).toEqual(marked(known));
      expect(dataset.rows('rejected_rows.csv').filter((row) => row.file === 'inventory_change_a.csv')).toMatchObject([
        { raw: '"a␀b",1,1,2025-11-03 10:00,-1,1', reason: 'a NUL character' },
        { raw: 'a\ufffdb,1,1,2025-11-03 10:00,-1,1', reason: 'not UTF-8' },
      ]);
      const mirror = await openMirror(dataset.pipeline.urls.mongodbUrl, dataset.name);
      expect(await mirror.db.collection('store_item').countDocuments()).toBe(ids.length);
      await mirror.close();
      expect(await verify(dataset.pipeline, quiet)).toMatchObject({ ok: true, listed: [] });
    });
  });

  test('in the names of export files are read, told by their name, and lead to no file outside the output folder', async () => {
    await withDataset({}, async (dataset) => {
      const around = () => [
        ...readdirSync(join(dataset.inputDir, '..')).filter((name) => name !== 'output'),
        ...readdirSync(dataset.inputDir).map((name) => `input/${name}`),
      ];
      const fileNames = fileEndings.map((ending) => `inventory_change_${ending}.csv`);
      for (const [at, name] of fileNames.entries()) {
        dataset.write(
          name,
          changes(`{${at}},${100 + at},1,2025-11-03 10:00,-1,1`, `{${at}},bad,1,2025-11-03 10:00,-1,1`),
        );
      }
      const refusedNames = fileEndings.map((ending) => `inventory_snapshot_${ending}.csv`);
      for (const name of refusedNames) dataset.write(name, 'nothing\n');
      const ignoredNames = fileEndings
        .map((ending) => `${ending}.pdf`.slice(0, 200))
        .filter((name) => !name.includes('/'));
      for (const name of ignoredNames) dataset.write(name, '');
      // A name that is no UTF-8 cannot be told as it is, so its file is refused.
      writeFileSync(
        Buffer.concat([
          Buffer.from(join(dataset.inputDir, 'inventory_change_')),
          Buffer.from([0xff]),
          Buffer.from('.csv'),
        ]),
        changes(),
      );
      const before = around();

      const run = await dataset.hour();
      expect(run).toMatchObject({ status: 'succeeded_with_warnings', files_refused: refusedNames.length + 1 });
      expect(run).toMatchObject({ rows_new: fileNames.length, rows_rejected: fileNames.length });
      expect(around()).toEqual(before);
      expect([existsSync('x'), existsSync('../x')]).toEqual([false, false]);
      expect(
        dataset
          .rows('rejected_rows.csv')
          .map((row) => row.file)
          .sort(),
      ).toEqual([...fileNames].sort());
      const subjects = (rule: string) =>
        dataset
          .rows('data_quality.csv')
          .filter((row) => row.rule === rule)
          .map((row) => row.subject);
      expect(subjects('refused_file').sort()).toEqual([...refusedNames, 'inventory_change_\ufffd.csv'].sort());
      expect(subjects('ignored_file').sort()).toEqual(ignoredNames.map(withSpreadsheetMark).sort());
      const [info] = dataset.rows('run_info.csv');
      expect(info).toMatchObject({ dataset: dataset.name, state: 'complete', status: 'succeeded_with_warnings' });
      expect(await query(dataset, 'SELECT name FROM source_file ORDER BY name COLLATE "C"')).toEqual(
        [...fileNames].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))).map((name) => [name]),
      );
      expect(await verify(dataset.pipeline, quiet)).toMatchObject({ ok: true, listed: [] });
      // Each is known by its name: nothing is read again.
      expect(await dataset.hour()).toMatchObject({ rows_read: 0, rows_new: 0 });
    });
  });
});

test('every time zone is taken from a store, but one that only Node knows, whose row is rejected with the reason', async () => {
  await withDataset({}, async (dataset) => {
    const zones = [
      ...Intl.supportedValuesOf('timeZone'),
      'UTC',
      'est5edt',
      'US/Pacific',
      'Etc/GMT+5',
      'America/Coyhaique',
    ];
    // Offsets are zones to some versions of Node, and the other way round to PostgreSQL.
    const all = [...zones, '+05:30', '-08', 'UTC+1', 'Z', 'Europe/Berlin; DROP TABLE run', 'Nowhere/City'];
    dataset.write(
      'store.csv',
      file(
        'store_id,name,timezone',
        all.map((zone, at) => `${at},s,${zone}`),
      ),
    );
    dataset.write('inventory_change_a.csv', changes(...all.map((_, at) => `{1},5,${at},2025-07-01 12:00,-1,1`)));
    expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: all.length });
    const known = new Set((await query(dataset, 'SELECT lower(name) FROM pg_timezone_names')).flat());
    const foreign = all.filter((zone) => !known.has(zone.toLowerCase()));
    expect(foreign.length).toBeGreaterThanOrEqual(6);
    expect(
      dataset
        .rows('rejected_rows.csv')
        .map((row) => row.value?.replace(/^'/, ''))
        .sort(),
    ).toEqual(foreign.sort());
    const stored = await query(dataset, 'SELECT timezone FROM store WHERE timezone IS NOT NULL');
    expect(stored.flat().sort()).toEqual(all.filter((zone) => !foreign.includes(zone)).sort());
    expect(await verify(dataset.pipeline, quiet)).toMatchObject({ ok: true, listed: [] });
  });
});
