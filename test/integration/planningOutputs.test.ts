import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Papa from 'papaparse';
import { dayNumber } from '../../lib/core/forecast/calendarDays.ts';
import { linearTrend } from '../../lib/core/linearTrend.ts';
import { daysOfCover, stockoutDays } from '../../lib/core/planning/cover.ts';
import { reorderQuantity } from '../../lib/core/planning/reorder.ts';
import { query } from '../../lib/postgres/pool.ts';
import { type OutputName, withPublication } from '../../lib/postgres/publication.ts';
import { type CsvRow, openTestDataset, type TestDataset } from '../support/dataset.ts';
import { random } from '../support/seededRandom.ts';

const items = 300;
const asOf = '2025-11-03';
/** Item 1 sells in three months, every other once; the last item is first seen in the open month. */
const lines = [
  '{1},1,1,9/2/2025 10:00,-4,1',
  '{2},1,1,10/3/2025 10:00,-6,1',
  '{8},1,1,10/4/2025 10:00,-500,1',
  '{9},1,1,10/5/2025 10:00,500,3',
  ...Array.from({ length: items }, (_, at) => `{3},${at + 1},1,11/3/2025 10:00,-2,1`),
];

type Pair = Readonly<{
  final: number | undefined;
  daily: number | undefined;
  lower: number | undefined;
  units: number | undefined;
  upper: number | undefined;
  reorderPoint: number;
  orderUpTo: number;
  packSize: number;
}>;

/** Figures as the forecast leaves them: whole thousandths, 0 and unknown among them. */
function randomPair(next: () => number): Pair {
  const units = (most: number) => (next() < 0.1 ? 0 : Math.round(next() * most * 1_000) / 1_000);
  const maybe = <T>(value: T): T | undefined => (next() < 0.1 ? undefined : value);
  const forecast = units(90);
  const reorderPoint = units(50);
  const known = next() < 0.9;
  return {
    final: maybe(Math.floor(next() * 120) - 20),
    daily: maybe(units(3)),
    lower: known ? Math.round(forecast * 300) / 1_000 : undefined,
    units: known ? forecast : undefined,
    upper: known ? Math.round(forecast * 1_700) / 1_000 + 1 : undefined,
    reorderPoint,
    orderUpTo: reorderPoint + units(20),
    packSize: 1 + Math.floor(next() * 12),
  };
}

const dateText = (day: number | undefined) =>
  day === undefined ? '' : new Date(day * 86_400_000).toISOString().slice(0, 10);

describe('the outputs of the planning forecast', () => {
  let dataset: TestDataset;
  const pairs = new Map<number, Pair>();

  async function output(name: OutputName): Promise<CsvRow[]> {
    const input = {
      runId: 'a run',
      combinedDays: 0,
      dailyDays: 0,
      timeZone: 'UTC',
      escapeFormulas: true,
      silentDays: 7,
      fitTrend: linearTrend,
    };
    return withPublication(dataset.pipeline.db, input, async (publication) => {
      let text = '';
      for await (const part of publication.copy(name)) text += part.toString();
      return Papa.parse<CsvRow>(text, { header: true, skipEmptyLines: true }).data;
    });
  }

  beforeAll(async () => {
    dataset = await openTestDataset();
    dataset.write(
      'inventory_change_a.csv',
      `trans_id,item_id,store_id,date_time,quantity,change_type_id\n${lines.join('\n')}\n`,
    );
    expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: lines.length });
    const { db } = dataset.pipeline;
    for (const table of ['pair', 'sum', 'accuracy', 'history']) await query(db, `DELETE FROM forecast_${table}`);
    const next = random(5);
    for (let item = 1; item < items; item += 1) pairs.set(item, randomPair(next));
    const column = (of: (pair: Pair) => number | undefined) => [...pairs.values()].map((pair) => of(pair) ?? null);
    await query(
      db,
      `INSERT INTO forecast_pair (store_id, item_id, status, daily_units, current_units, next_units, next_lower, next_upper,
                                  last_month_units, mean_28d_units, reorder_point, order_up_to, pack_size)
       SELECT 1, item, 'ok', daily, 7.5, units, low, high, 6, 5.25, point, up_to, pack
       FROM unnest($1::bigint[], $2::numeric[], $3::numeric[], $4::numeric[], $5::numeric[], $6::numeric[], $7::numeric[],
                   $8::integer[]) AS r (item, daily, low, units, high, point, up_to, pack)`,
      [
        [...pairs.keys()],
        column((pair) => pair.daily),
        column((pair) => pair.lower),
        column((pair) => pair.units),
        column((pair) => pair.upper),
        column((pair) => pair.reorderPoint),
        column((pair) => pair.orderUpTo),
        column((pair) => pair.packSize),
      ],
    );
    await query(
      db,
      `UPDATE store_item s SET final_quantity = r.final
       FROM unnest($1::bigint[], $2::bigint[]) AS r (item, final) WHERE s.item_id = r.item`,
      [[...pairs.keys()], column((pair) => pair.final)],
    );
  });
  afterAll(() => dataset.close());

  test('reckon cover, dates and order quantity in SQL as the core does', async () => {
    const rows = await output('inventory_current');
    expect(rows).toHaveLength(items);
    for (const [item, pair] of pairs) {
      const { final, daily, lower, units, upper } = pair;
      const scaled = (bound: number | undefined) =>
        daily === undefined || bound === undefined || !units ? undefined : (daily * bound) / units;
      const bounds = [scaled(lower), scaled(upper)];
      const rates = daily === undefined ? undefined : { units: daily, lower: bounds[0] ?? 0, upper: bounds[1] ?? 0 };
      const dates = stockoutDays(dayNumber(asOf), final, rates);
      const cover = daysOfCover(final, daily);
      const row = rows.find(({ item_id }) => Number(item_id) === item);
      expect([item, row?.stockout_date, row?.stockout_date_early, row?.stockout_date_late]).toEqual([
        item,
        dateText(dates.expected),
        dateText(dates.early),
        dateText(dates.late),
      ]);
      if (cover === undefined) expect([item, row?.days_of_cover]).toEqual([item, '']);
      // Half a tenth of rounding.
      else expect(Math.abs(Number(row?.days_of_cover) - cover)).toBeLessThanOrEqual(0.0500001);
      const quantity = reorderQuantity({ ...pair, safetyStock: 0 }, final, pair.packSize);
      expect([item, row?.reorder_quantity]).toEqual([item, quantity === undefined ? '' : String(quantity)]);
    }
  });

  test('list the estimates of a pair after its actual months, and of a pair seen first today that nothing is known', async () => {
    const rows = (await output('forecast')).filter(({ level }) => level === 'item_store');
    const listed = (item: number) =>
      rows
        .filter(({ item_id }) => Number(item_id) === item)
        .map((row) =>
          [row.month, row.forecast_indicator, row.model, row.units, row.lower, row.upper, row.status].join(' '),
        );
    const pair = pairs.get(1);
    expect(listed(1)).toEqual([
      '2025-09-01 Actual actual 4   ok',
      '2025-10-01 Actual actual 506   ok',
      '2025-11-01 Actual actual 2   partial',
      '2025-11-01 Estimate planning 7.5   ok',
      '2025-12-01 Estimate last_month 6   ok',
      expect.stringMatching(/^2025-12-01 Estimate linear [\d.]* {3}(ok|insufficient_history)$/),
      '2025-12-01 Estimate mean_28d 5.25   ok',
      `2025-12-01 Estimate planning ${pair?.units ?? ''} ${pair?.lower ?? ''} ${pair?.upper ?? ''} ok`,
    ]);
    expect(listed(items)).toEqual([
      '2025-11-01 Actual actual 2   partial',
      '2025-11-01 Estimate planning    low_history',
      '2025-12-01 Estimate last_month    low_history',
      '2025-12-01 Estimate linear    insufficient_history',
      '2025-12-01 Estimate mean_28d    low_history',
      '2025-12-01 Estimate planning    low_history',
    ]);
  });

  test('set past forecasts against what came, cancelled sales left out and the open month empty', async () => {
    await query(
      dataset.pipeline.db,
      `DELETE FROM cancelled_sale;
       INSERT INTO cancelled_sale
       VALUES (1, 1, '2025-10-04 10:00', gen_random_uuid(), '2025-10-05 10:00', gen_random_uuid(), 500);
       INSERT INTO forecast_history (level, store_id, item_id, month, made_for, units, lower, upper) VALUES
         ('item', NULL, 1, '2025-10-01', '2025-09-30', 8, 5, 9), ('item', NULL, 1, '2025-11-01', '2025-10-31', 8, 5, 9),
         ('item', NULL, 2, '2025-10-01', '2025-09-30', 3, 1, 9), ('item', NULL, 2, '2024-10-01', '2024-09-30', 3, 1, 9),
         ('store', 1, NULL, '2025-10-01', '2025-09-30', 7, 6.5, 9), ('store', 2, NULL, '2025-10-01', '2025-09-30', 7, 6, 9),
         ('total', NULL, NULL, '2025-10-01', '2025-09-30', 5, 4, 9)`,
    );
    const told = (await output('forecast_history')).map((row) =>
      [row.level, row.store_id, row.item_id, row.month, row.actual_units, row.error_units, row.in_band].join(' '),
    );
    expect(told).toEqual([
      'item  1 2025-10-01 6 2 true',
      'item  1 2025-11-01   ',
      'item  2 2025-10-01 0 3 false',
      'store 1  2025-10-01 6 1 false',
      'store 2  2025-10-01   ',
      'total   2025-10-01 6 -1 true',
    ]);
  });

  test('say which sales were cancelled, and where the forecast is no better than last month', async () => {
    await query(
      dataset.pipeline.db,
      `INSERT INTO forecast_accuracy (level, class, model, target, month, origins, n, wape, skill_last_month) VALUES
         ('item', 'all', 'planning', 'next_month', NULL, 3, 90, 0.512, -0.022),
         ('item', 'all', 'planning', 'next_month', '2025-10-01', 1, 30, 0.5, -0.1),
         ('store', 'all', 'planning', 'next_month', NULL, 3, 9, 0.2, 0.1)`,
    );
    const found = (await output('data_quality'))
      .filter(({ rule }) => rule === 'cancelled_sale' || rule === 'forecast_skill')
      .map((row) => [row.rule, row.subject, row.count, row.detail]);
    expect(found).toEqual([
      ['cancelled_sale', 'all', '1', expect.stringMatching(/^500 units /)],
      ['cancelled_sale', 'store 1 item 1', '1', 'sold 2025-10-04 10:00:00, 500 units, restocked 2025-10-05 10:00:00'],
      ['forecast_skill', 'level item', '90', expect.stringContaining('(skill -0.022): plan with care')],
    ]);
    const accuracy = (await output('forecast_accuracy')).map((row) => [row.level, row.month, row.wape]);
    expect(accuracy).toEqual([
      ['item', '', '0.512'],
      ['item', '2025-10-01', '0.5'],
      ['store', '', '0.2'],
    ]);
  });
});
