import { describe, expect, test } from '@jest/globals';
import { dayNumber } from '../../../../lib/core/forecast/calendarDays.ts';
import { chainOutlook } from '../../../../lib/core/forecast/chainOutlook.ts';
import { blockForecaster } from '../../../../lib/core/forecast/forecastBlock.ts';
import { ForecastBook, type SumForecast } from '../../../../lib/core/forecast/forecastBook.ts';
import { originsOf } from '../../../../lib/core/forecast/origins.ts';
import { PairBlockBuilder } from '../../../../lib/core/forecast/pairBlock.ts';
import { type PairForecast, pairForecast } from '../../../../lib/core/forecast/pairForecast.ts';
import { readRecord } from '../../../../lib/core/forecast/pairRecord.ts';
import { Random } from '../../../../local/simulator/random.ts';

const firstDay = dayNumber('2011-01-03');
const asOf = dayNumber('2011-09-11');
const origins = originsOf(asOf, firstDay);
const present = origins.past.length;

/** Two stores × 40 items that sell now and then; item 7 sold on the last closed day for the first time. */
function forecasts(): PairForecast[] {
  const builder = new PairBlockBuilder(() => 0);
  const sums = new Map<number, Float64Array>();
  for (const storeId of [1, 2]) {
    const units = new Float64Array(asOf - firstDay);
    sums.set(storeId, units);
    for (let itemId = 0; itemId < 40; itemId += 1) {
      const random = new Random(9, storeId * 100 + itemId, 0);
      for (let day = itemId === 7 ? asOf - 1 : firstDay; day < asOf; day += 1) {
        if (itemId !== 7 && random.next() > 0.4) continue;
        const sold = 1 + random.below(6);
        units[day - firstDay] = (units[day - firstDay] as number) + sold;
        builder.add(storeId, itemId, day, sold, Number.NaN);
      }
    }
  }
  const stores = [...sums].map(([storeId, units]) => ({
    storeId,
    days: Int32Array.from(units, (_, at) => firstDay + at),
    units,
  }));
  const chain = chainOutlook(stores, origins, firstDay, 7);
  const block = builder.take();
  const records = blockForecaster({ origins, grounds: chain.grounds, xyzCuts: [0.5, 1] })(block);
  return records
    .map((record, at) => {
      // As it comes from a database: somewhere inside a larger buffer.
      const padded = Buffer.concat([Buffer.from([0, 0, 0]), record]).subarray(3);
      const { basis } = readRecord(block.storeIds[at] as number, block.itemIds[at] as number, padded);
      return pairForecast(basis, origins, chain.outlookOf(basis.storeId));
    })
    .sort((a, b) => a.itemId - b.itemId || a.storeId - b.storeId);
}

function judged(pairs: readonly PairForecast[]) {
  const book = new ForecastBook(origins, 0.9);
  for (const pair of pairs) book.learn(pair);
  book.endLearning();
  const sums: SumForecast[] = [];
  const bands = pairs.map((pair) => {
    const { bands: own, item } = book.judge(pair);
    if (item !== undefined) sums.push(item);
    return own;
  });
  sums.push(...book.end());
  return { bands, sums, accuracy: book.accuracy };
}

describe('pairForecast', () => {
  const pairs = forecasts();

  test('this month is what was sold to date and the rest', () => {
    for (const pair of pairs) {
      const [whole = 0, rest = 0] = [pair.planningCurrent[present], pair.restCurrent[present]];
      expect(rest).toBeGreaterThanOrEqual(0);
      expect(whole).toBeGreaterThanOrEqual(rest);
    }
  });

  test('a pair that sold yesterday for the first time has no level yet, and no figure that is not a number', () => {
    const fresh = pairs.find(({ itemId }) => itemId === 7);
    expect(fresh?.level).toBe(0);
    expect(fresh?.knownDays[present]).toBe(0);
    expect(fresh?.planningNext[present]).toBe(0);
  });

  test('a present forecast has neither a NaN nor a negative figure', () => {
    for (const pair of pairs) {
      for (const figure of [pair.planningCurrent, pair.planningNext, pair.meanNext]) {
        expect(figure[present]).toBeGreaterThanOrEqual(0);
      }
    }
  });
});

describe('ForecastBook', () => {
  const pairs = forecasts();
  const book = judged(pairs);

  test('has an item for each, two stores and a total, and each is the sum of its pairs', () => {
    const count = (of: string) => book.sums.filter(({ level }) => level === of).length;
    expect([count('item'), count('store'), count('total')]).toEqual([40, 2, 1]);
    const sum = (of: readonly PairForecast[]) =>
      of.reduce((units, pair) => units + (pair.planningNext[present] ?? 0), 0);
    for (const { level, storeId, itemId, figures } of book.sums) {
      const of = pairs.filter((pair) => level === 'total' || pair.storeId === storeId || pair.itemId === itemId);
      expect(figures.planning.next_month[present]).toBeCloseTo(sum(of), 2);
    }
  });

  test('bands hold their forecast and never go below what was sold', () => {
    for (const [at, { current_month: current, next_month: next }] of book.bands.entries()) {
      const pair = pairs[at] as PairForecast;
      const sold = (pair.planningCurrent[present] as number) - (pair.restCurrent[present] as number);
      expect(current?.lower).toBeGreaterThanOrEqual(sold);
      expect(next?.lower).toBeGreaterThanOrEqual(0);
      expect(next?.upper).toBeGreaterThanOrEqual(next?.lower as number);
    }
  });

  test('every model is scored on the same forecasts, all months and each', () => {
    const rows = book.accuracy.filter(({ level, target }) => level === 'item' && target === 'next_month');
    const all = rows.filter(({ month }) => month === undefined);
    expect(all.map(({ model }) => model).sort()).toEqual(['last_month', 'linear', 'mean_28d', 'planning']);
    const planning = rows.filter(({ model }) => model === 'planning');
    const [whole, ...months] = planning.sort((a, b) => (a.month ?? 0) - (b.month ?? 0));
    expect(months.reduce((n, row) => n + row.n, 0)).toBe(whole?.n);
    expect(whole?.coverage).toBeGreaterThan(0.7);
  });

  test('the order of the stores within an item does not matter to what a band is', () => {
    const turned = [...pairs].sort((a, b) => a.itemId - b.itemId || b.storeId - a.storeId);
    const other = judged(turned);
    const place = (pair: PairForecast) => turned.indexOf(pair);
    expect(pairs.map((pair) => other.bands[place(pair)])).toEqual(book.bands);
  });

  test('a band of a past origin knows nothing of what came later', () => {
    // Whatever happens from the last scored month on, what was scored before keeps its coverage.
    const later = pairs.map((pair) => {
      const actualNext = pair.actualNext.slice();
      const last = actualNext.findLastIndex((actual) => !Number.isNaN(actual));
      actualNext[last] = 1_000_000;
      return { ...pair, actualNext };
    });
    const months = (accuracy: typeof book.accuracy) =>
      accuracy
        .filter(
          ({ level, model, target, month }) =>
            level === 'item_store' && model === 'planning' && target === 'next_month' && month !== undefined,
        )
        .sort((a, b) => (a.month ?? 0) - (b.month ?? 0))
        .slice(0, -1)
        .map(({ coverage, n }) => [coverage, n]);
    expect(months(judged(later).accuracy)).toEqual(months(book.accuracy));
  });
});
