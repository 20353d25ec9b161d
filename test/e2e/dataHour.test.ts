import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { verify } from '../../jobs/verify.ts';
import { openMirror } from '../../lib/mongo/mirror.ts';
import { openSimulator } from '../../local/simulator/simulator.ts';
import { dataFiles } from '../support/dataFiles.ts';
import { openTestDataset, type TestDataset } from '../support/dataset.ts';
import { random } from '../support/seededRandom.ts';
import {
  changes,
  counts,
  expectOracle,
  expectRowsAddUp,
  headerOf,
  mixedLines,
  shuffled,
  simulatedLines,
  withDataset,
} from './dataFixture.ts';

const quiet = () => undefined;
const tail = ['run_id', 'as_of_utc'];
/** product.md, Output: columns in their order. */
const eventColumns =
  'item_id employee_id store_id date_time quantity source_type store_name action trans_id change_type_id change_type final_quantity item_name date_time_utc business_date hour units_sold forecast_month forecast_units_linear forecast_units forecast_lower forecast_upper low_stock_rank event_id';
const contract: Readonly<Record<string, string>> = {
  'combined.csv': eventColumns,
  'delta_quantity.csv': 'store_id item_id delta_quantity',
  'inventory_current.csv':
    'store_id store_name item_id item_name supplier_id snapshot_quantity snapshot_time change_quantity final_quantity delta_quantity last_event_time last_sale_time safety_stock_quantity stock_status low_stock_rank avg_daily_demand days_of_cover stockout_date stockout_date_early stockout_date_late safety_stock reorder_point order_up_to reorder_quantity lost_sales_estimate abc_class xyz_class demand_class cluster_id forecast_current_month forecast_next_month',
  'sales_daily.csv':
    'store_id item_id business_date units_sold units_bopis units_restocked units_shrink closing_quantity',
  'sales_hourly.csv': 'store_id business_date hour units_sold transactions',
  'forecast.csv': 'level store_id item_id month forecast_indicator model units lower upper status',
  'forecast_accuracy.csv':
    'level class model target month origins n wape bias mase rmsse pinball coverage skill_last_month skill_mean_28d skill_linear skill_run_rate',
  'forecast_history.csv': 'level store_id item_id month made_for units lower upper actual_units error_units in_band',
  'cluster_profile.csv': 'cluster_id dimension bucket share index items units',
  'stocktake.csv': 'store_id item_id date_time counted_quantity book_quantity variance',
  'dim_item.csv': 'item_id item_name supplier_id safety_stock_quantity',
  'dim_store.csv': 'store_id store_name timezone',
  'dim_date.csv': 'business_date year quarter month month_name iso_week weekday weekday_name is_weekend',
  'data_quality.csv': 'rule severity subject count detail',
  'rejected_rows.csv': 'file line column value reason raw',
  'archive/combined_2026-01.csv': eventColumns,
};

const chain = { stores: 3, items: 40, days: 20, rowsPerHour: 4, seed: 7, startDate: '2026-01-20' };

describe('an hour of a simulated chain', () => {
  let dataset: TestDataset;

  beforeAll(async () => {
    dataset = await openTestDataset();
    const simulator = await openSimulator(dataset.inputDir, chain, join(dataset.inputDir, '..', 'simulator.json'));
    await simulator.advanceTo(new Date('2026-02-09T00:00:00Z'));
  });
  afterAll(() => dataset.close());

  test('loads every row and writes every file with the columns of the contract', async () => {
    const run = await dataset.hour();
    expect(run).toMatchObject({ status: 'succeeded', files: 8, files_refused: 0, rows_duplicate: 0, rows_rejected: 0 });
    expect(run.rows_read).toBeGreaterThan(1_000);
    expectRowsAddUp(run);
    for (const [file, columns] of Object.entries(contract)) {
      const [header = ''] = dataset.text(file).replace('\ufeff', '').split('\n');
      expect([file, header.split(',')]).toEqual([file, [...columns.split(' '), ...tail]]);
    }
    for (const file of ['latency.csv', 'run_info.csv']) {
      const [header = ''] = dataset.text(file).split('\n');
      expect([file, header.split(',').slice(-2)]).toEqual([file, tail]);
    }
    const files = readdirSync(dataset.outputDir).filter((name) => name.endsWith('.csv'));
    const written = [...Object.keys(contract).filter((name) => !name.includes('/')), 'latency.csv', 'run_info.csv'];
    expect(files.sort()).toEqual(written.sort());
    expect(readdirSync(dataset.outputDir).filter((name) => name.endsWith('.next'))).toEqual([]);
    for (const file of files) {
      for (const row of dataset.rows(file)) expect([file, row.run_id]).toEqual([file, run.run_id]);
    }
    expect(dataset.rows('run_info.csv')).toMatchObject([
      { dataset: dataset.name, state: 'complete', status: 'succeeded' },
    ]);
  });

  test('gives the figures that an independent reading of the exports gives', () => {
    expectOracle(dataset);
  });

  test('finds nothing new in a second hour and writes the same data files', async () => {
    const before = dataFiles(dataset.outputDir);
    const run = await dataset.hour();
    expect(run).toMatchObject({ status: 'succeeded', files: 0, rows_read: 0, rows_new: 0, pairs_changed: 0 });
    expect(dataFiles(dataset.outputDir)).toEqual(before);
  });

  test('gives the same data files when the rows come in three drops', async () => {
    const lines = simulatedLines(chain);
    const whole = [...lines].map(([name, all]) => [name, all] as const);
    await withDataset({}, async (drops) => {
      const references = readdirSync(dataset.inputDir).filter(
        (name) => !/^inventory_(change_(?!type)|snapshot)/.test(name),
      );
      for (const name of references) drops.write(name, readFileSync(join(dataset.inputDir, name)));
      const put = (name: string, part: readonly string[]) =>
        drops.write(name, `\ufeff${[headerOf(name), ...part].join('\r\n')}\r\n`);
      for (const [name, all] of whole) put(name, all.slice(0, Math.floor(all.length / 2)));
      expectRowsAddUp(await drops.hour());
      // Appended to, and the last tenth in new files, the newest hours first by name.
      for (const [name, all] of whole) {
        const [from, to] = [Math.floor(all.length / 2), Math.floor(all.length * 0.9)];
        appendFileSync(
          join(drops.inputDir, name),
          all
            .slice(from, to)
            .map((line) => `${line}\r\n`)
            .join(''),
        );
        put(name.replace(/_(online|store)/, '_a_$1'), all.slice(to));
      }
      const second = await drops.hour();
      expect(second).toMatchObject({ rows_duplicate: 0, rows_rejected: 0 });
      // The whole history once more under other names.
      for (const [name, all] of whole) put(name.replace(/\.csv$/, '_again.csv'), all);
      const third = await drops.hour();
      expect(third).toMatchObject({ rows_new: 0, rows_rejected: 0 });
      expect(third.rows_duplicate).toBe(third.rows_read);
      expect(dataFiles(drops.outputDir)).toEqual(dataFiles(dataset.outputDir));
      expect(await verify(drops.pipeline, quiet)).toMatchObject({ ok: true, differences: 0 });
    });
  });

  test('is proved right by verify, which says what differs after a row was altered by hand', async () => {
    const proved = await verify(dataset.pipeline, quiet);
    expect(proved).toMatchObject({ ok: true, differences: 0, listed: [] });
    const [row = {}] = dataset.rows('delta_quantity.csv');
    const name = `store ${row.store_id} item ${row.item_id}`;
    const { pool } = dataset.pipeline.db;
    const add = (units: number) =>
      pool.query('UPDATE store_item SET final_quantity = final_quantity + $1 WHERE store_id = $2 AND item_id = $3', [
        units,
        row.store_id,
        row.item_id,
      ]);
    await add(1);
    const inPostgres = await verify(dataset.pipeline, quiet);
    expect(inPostgres).toMatchObject({ ok: false, differences: 1 });
    expect(inPostgres.listed[0]).toContain(`${name}: final_quantity is `);
    expect(inPostgres.listed[0]).toContain('in PostgreSQL store_item');
    await add(-1);

    const mirror = await openMirror(dataset.pipeline.urls.mongodbUrl, dataset.name);
    const items = mirror.db.collection<{ _id: string; delta_quantity: number }>('store_item');
    const id = `${row.store_id}|${row.item_id}`;
    await items.updateOne({ _id: id }, { $set: { delta_quantity: 123_456 } });
    const inMongo = await verify(dataset.pipeline, quiet);
    expect(inMongo).toMatchObject({ ok: false, differences: 1 });
    expect(inMongo.listed).toEqual([
      `${name}: delta_quantity is 123456 in MongoDB, ${row.delta_quantity} by its events`,
    ]);
    await items.updateOne({ _id: id }, { $set: { delta_quantity: Number(row.delta_quantity) } });
    await mirror.close();

    const path = join(dataset.outputDir, 'delta_quantity.csv');
    const text = readFileSync(path, 'utf8');
    const line = `\n${row.store_id},${row.item_id},${row.delta_quantity},`;
    writeFileSync(path, text.replace(line, `\n${row.store_id},${row.item_id},7,`));
    const inCsv = await verify(dataset.pipeline, quiet);
    expect(inCsv).toMatchObject({ ok: false, differences: 1 });
    expect(inCsv.listed).toEqual([
      `${name}: delta_quantity is 7 in delta_quantity.csv, ${row.delta_quantity} by its events`,
    ]);
    writeFileSync(path, text);
    const daily = join(dataset.outputDir, 'sales_daily.csv');
    writeFileSync(daily, readFileSync(daily, 'utf8').replaceAll(`,${proved.run_id},`, ',another run,'));
    rmSync(join(dataset.outputDir, 'forecast_history.csv'));
    expect((await verify(dataset.pipeline, quiet)).listed).toEqual([
      `${daily} is of run another run, run_info.csv names ${proved.run_id}`,
      `${join(dataset.outputDir, 'forecast_history.csv')} is missing`,
    ]);
    rmSync(join(dataset.outputDir, 'combined.csv'));
    expect(await verify(dataset.pipeline, quiet)).toMatchObject({ ok: false });
  });
});

describe('late rows and late counts', () => {
  test('come out as if they had arrived in time, whatever the order and the splits', async () => {
    const { change, count } = mixedLines(11, 420);
    const reference = await withDataset({ COMBINED_DAYS: '0' }, async (dataset) => {
      dataset.write('inventory_change_all.csv', changes(...change));
      dataset.write('inventory_snapshot_all.csv', counts(...count));
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: 420 });
      expectOracle(dataset);
      return { whole: dataFiles(dataset.outputDir) };
    });
    await Promise.all(
      [1, 2, 3].map((seed) =>
        withDataset({ COMBINED_DAYS: '0' }, async (dataset) => {
          const next = random(seed);
          const all = shuffled(
            [
              ...change.map((line) => ({ kind: 'change', line }) as const),
              ...count.map((line) => ({ kind: 'count', line }) as const),
            ],
            next,
          );
          const files = new Map<string, string>();
          const drops = [all.slice(0, 150), all.slice(150, 290), all.slice(290)];
          for (const drop of drops) {
            for (const { kind, line } of drop) {
              const number = Math.floor(next() * 3);
              const name = kind === 'change' ? `inventory_change_s${number}.csv` : `inventory_snapshot_s${number}.csv`;
              files.set(name, `${files.get(name) ?? `${headerOf(name)}\n`}${line}\n`);
            }
            for (const [name, text] of files) dataset.write(name, text);
            const run = await dataset.hour();
            expect(run.rows_new).toBe(drop.length);
          }
          expect([seed, dataFiles(dataset.outputDir)]).toEqual([seed, reference.whole]);
          expect(await verify(dataset.pipeline, quiet)).toMatchObject({ ok: true, listed: [] });
        }),
      ),
    );
  });
});

describe('identical lines of one transaction', () => {
  const line = '{7},101,1,11/3/2025 10:00,-2,1';

  test('all count, on both sides of an append too, and a re-export adds nothing', async () => {
    await withDataset({}, async (dataset) => {
      const units = () => dataset.rows('delta_quantity.csv').map((row) => row.delta_quantity);
      dataset.write('inventory_change_s1.csv', changes(line, line));
      expect(await dataset.hour()).toMatchObject({ rows_read: 2, rows_new: 2 });
      expect(units()).toEqual(['-4']);
      dataset.write('inventory_change_s1.csv', changes(line, line, '{8},101,1,11/3/2025 11:00,-1,1', line));
      expect(await dataset.hour()).toMatchObject({ rows_read: 2, rows_new: 2, rows_duplicate: 0 });
      expect(units()).toEqual(['-7']);
      dataset.write('inventory_change_export.csv', changes(line, line, line, line));
      expect(await dataset.hour()).toMatchObject({ rows_read: 4, rows_new: 1, rows_duplicate: 3 });
      expect(units()).toEqual(['-9']);
      expect(dataset.rows('sales_hourly.csv').map((row) => [row.hour, row.units_sold, row.transactions])).toEqual([
        ['10', '8', '1'],
        ['11', '1', '1'],
      ]);
      expectOracle(dataset);
    });
  });
});
