import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pairsOf } from '../../lib/core/forecast/pairBlock.ts';
import { eachPairBlock } from '../../lib/postgres/forecastSeries.ts';
import { refreshCancelledSales, storeHistories } from '../../lib/postgres/forecastState.ts';
import { query } from '../../lib/postgres/pool.ts';
import { countEvents, loadDefaultReference } from '../support/countedEvents.ts';
import { openTestDataset, type TestDataset } from '../support/dataset.ts';
import { withHeldRun } from '../support/heldRun.ts';

const [sale, shrink, restock, bopis] = [1, 2, 3, 4];
let dataset: TestDataset;

beforeAll(async () => {
  dataset = await openTestDataset();
  await loadDefaultReference(dataset);
  await countEvents(dataset, [
    // Before what is looked at.
    ['2025-10-31 09:00', 1, 101, -7, sale],
    // Sold before the first count, sold out, counted, two sales and a return on one day.
    ['2025-11-01 09:00', 1, 101, -3, sale],
    ['2025-11-02 09:00', 1, 101, 10],
    ['2025-11-02 10:00', 1, 101, -10, sale],
    ['2025-11-03 09:00', 1, 101, 20, restock],
    ['2025-11-04 09:00', 1, 101, -4, sale],
    ['2025-11-04 10:00', 1, 101, -2, sale],
    ['2025-11-04 11:00', 1, 101, 1, sale],
    ['2025-11-04 12:00', 1, 101, -1, shrink],
    // Undone the next day: no demand, though units_sold holds it.
    ['2025-11-05 09:00', 1, 101, -500, sale],
    ['2025-11-06 09:00', 1, 101, 500, restock],
    // Picked in the store: its demand. Its double in the online store, whose own sale is one.
    ['2025-11-05 09:00', 1, 102, -2, bopis],
    ['2025-11-05 09:00', 0, 102, -2, bopis],
    ['2025-11-05 10:00', 0, 102, -3, sale],
    // The open day.
    ['2025-11-07 09:00', 1, 101, -9, sale],
  ]);
  await withHeldRun(dataset, (run) => refreshCancelledSales(dataset.pipeline.db, run, undefined, '2025-11-07'));
});
afterAll(() => dataset.close());

type Told = Readonly<{ pair: string; days: string; demand: string; closing: string; horizon: number }>;

async function histories(dirtyOnly: boolean): Promise<Told[]> {
  const told: Told[] = [];
  const input = {
    from: '2025-11-01',
    until: '2025-11-07',
    dirtyOnly,
    horizonOf: (storeId: number, itemId: number) => (storeId === 1 && itemId === 102 ? 14 : 0),
  };
  await eachPairBlock(dataset.pipeline.db, input, async (block) => {
    for (const { history, horizonDays } of pairsOf(block)) {
      told.push({
        pair: `${history.storeId}/${history.itemId}`,
        days: Array.from(history.days, (day) => new Date(day * 86_400_000).getUTCDate()).join(' '),
        demand: history.demand.join(' '),
        closing: history.closing.join(' '),
        horizon: horizonDays,
      });
    }
  });
  return told;
}

const online = { pair: '0/102', days: '5', demand: '3', closing: 'NaN', horizon: 0 };
const picked = { pair: '1/102', days: '5', demand: '2', closing: 'NaN', horizon: 14 };
const sold = {
  pair: '1/101',
  days: '1 2 3 4 5 6',
  demand: '3 10 0 5 0 0',
  closing: 'NaN 0 20 14 -486 14',
  horizon: 0,
};

describe('what a forecast is made from', () => {
  test('is the closed days of each pair in key order: demand without cancelled sales and the online bopis, closing stock', async () => {
    expect(await histories(false)).toEqual([online, sold, picked]);
  });

  test('of a store is its demand per closed day with a sale, of the same lines', async () => {
    const stores = await storeHistories(dataset.pipeline.db, '2025-11-01', '2025-11-07');
    const told = stores.map(({ storeId, days, units }) => ({
      storeId,
      days: Array.from(days, (day) => new Date(day * 86_400_000).getUTCDate()).join(' '),
      units: units.join(' '),
    }));
    expect(told).toEqual([
      { storeId: 0, days: '5', units: '3' },
      { storeId: 1, days: '1 2 4 5', units: '3 10 5 2' },
    ]);
  });
});

describe('a pair', () => {
  const dirty = async () =>
    (
      await query<{ pair: string }>(
        dataset.pipeline.db,
        `SELECT store_id || '/' || item_id AS pair FROM forecast_dirty ORDER BY 1`,
      )
    ).map((row) => row.pair);

  test('is marked by a late line of a closed day, sale or count, not by the open day, and not before the first forecast', async () => {
    const { db } = dataset.pipeline;
    expect(await dirty()).toEqual([]);
    await query(db, `UPDATE dataset SET forecast_date = '2025-11-07'`);
    await countEvents(dataset, [
      ['2025-11-07 11:00', 1, 101, -1, sale],
      ['2025-11-07 11:00', 1, 555, -1, sale],
    ]);
    expect(await dirty()).toEqual([]);
    await countEvents(dataset, [
      ['2025-11-07 12:00', 1, 555, -1, sale],
      ['2025-11-05 12:00', 0, 102, -4, sale],
      ['2025-11-06 12:00', 1, 102, 30],
    ]);
    expect(await dirty()).toEqual(['0/102', '1/102']);
    // What is known already changes nothing.
    await query(db, 'DELETE FROM forecast_dirty');
    await countEvents(dataset, [['2025-11-05 12:00', 0, 102, -4, sale]]);
    expect(await dirty()).toEqual([]);
  });

  test('that is marked is read alone, and as all are read', async () => {
    const { db } = dataset.pipeline;
    await countEvents(dataset, [
      ['2025-11-05 13:00', 0, 102, -1, sale],
      // One with a cancelled sale among its days.
      ['2025-11-06 13:00', 1, 101, -6, sale],
    ]);
    expect(await dirty()).toEqual(['0/102', '1/101']);
    const all = await histories(false);
    expect(await histories(true)).toEqual(all.filter(({ pair }) => pair !== '1/102'));
    expect(all).toContainEqual({ ...online, demand: '8' });
    expect(all).toContainEqual({ ...sold, demand: '3 10 0 5 0 6', closing: 'NaN 0 20 14 -486 8' });
    await query(db, 'DELETE FROM forecast_dirty');
  });

  test('of a day that closed since the forecast is marked, though the day was open for it', async () => {
    const { db } = dataset.pipeline;
    // Applied, but not forecast yet: the 8th; then comes a line of the 7th.
    await countEvents(dataset, [['2025-11-08 09:00', 1, 101, -1, sale]]);
    await countEvents(dataset, [['2025-11-07 18:00', 1, 102, -1, sale]]);
    expect(await dirty()).toContain('1/102');
    await query(db, 'DELETE FROM forecast_dirty');
  });

  test('needs no mark where the rules changed: then all is made anew', async () => {
    const { db } = dataset.pipeline;
    await query(db, `UPDATE change_type SET role = 'other' WHERE change_type_id = 4`);
    await countEvents(dataset, [['2025-11-08 10:00', 1, 101, -1, sale]]);
    expect(await query(db, 'SELECT forecast_date FROM dataset')).toEqual([{ forecast_date: null }]);
  });
});
