import { describe, expect, test } from '@jest/globals';
import { clusterItems } from '../../../../lib/core/cluster/clusterItems.ts';
import { clusterNames } from '../../../../lib/core/cluster/clusterNames.ts';
import { featureColumns, type ItemFeatures, itemFeatures } from '../../../../lib/core/cluster/itemFeatures.ts';
import { random } from '../../../support/seededRandom.ts';
import { shopItems } from './shop.ts';

/** Points of two columns, ids from 1 on. */
function pointsOf(points: readonly (readonly [number, number])[]): ItemFeatures {
  const scaled = Float64Array.from(points.flat());
  return { itemIds: points.map((_, at) => at + 1), columns: 2, raw: scaled, scaled };
}

describe('k-means', () => {
  test('finds three heaps', () => {
    const next = random(7);
    const heaps = [
      [0, 0],
      [10, 0],
      [0, 10],
    ] as const;
    const points = Array.from({ length: 90 }, (_, at) => {
      const [x, y] = heaps[at % 3] as readonly [number, number];
      return [x + next(), y + next()] as const;
    });
    const { centroids, assigned } = clusterItems(pointsOf(points), 3);
    expect(centroids).toHaveLength(3);
    for (const at of points.keys()) expect(assigned[at]).toBe(assigned[at % 3]);
    expect(new Set(assigned.subarray(0, 3)).size).toBe(3);
  });

  test('makes no more clusters than there are different points', () => {
    const alike = clusterItems(pointsOf(Array.from({ length: 20 }, () => [3, 3] as const)), 5);
    expect(alike.centroids).toEqual([Float64Array.of(3, 3)]);
    const two = clusterItems(pointsOf(Array.from({ length: 20 }, (_, at) => [at % 2, 0] as const)), 5);
    expect(two.centroids).toHaveLength(2);
    expect(clusterItems(pointsOf([]), 5)).toEqual({ centroids: [], assigned: new Int32Array() });
  });

  test('assigns items beyond the 10,000 that it is fitted on', () => {
    const points = Array.from({ length: 12_000 }, (_, at) => [at % 2 === 0 ? 0 : 9, at % 5] as const);
    const { centroids, assigned } = clusterItems(pointsOf(points), 2);
    expect(centroids).toHaveLength(2);
    for (const at of points.keys()) expect(assigned[at]).toBe(assigned[at % 2]);
    expect(assigned[0]).not.toBe(assigned[1]);
  });
});

describe('features of an item', () => {
  test('are its demand, regularity and indices, the same kinds weighing alike', () => {
    const items = shopItems(100);
    const { raw, scaled, columns, itemIds } = itemFeatures(items, true);
    expect(columns).toBe(26);
    const first = items[0];
    if (first === undefined) throw new Error('no item');
    expect(itemIds[0]).toBe(first.itemId);
    expect(raw[featureColumns.level]).toBeCloseTo(Math.log(first.units / 365), 10);
    expect(raw[featureColumns.adi]).toBeCloseTo(Math.log(365 / first.demandDays), 10);
    const week = raw.subarray(featureColumns.weekdays, featureColumns.parts);
    expect(week.reduce((sum, index) => sum + index, 0)).toBeCloseTo(7, 10);
    const spreadOf = (from: number, until: number) => {
      let sum = 0;
      for (let at = 0; at < scaled.length; at += 1)
        if (at % columns >= from && at % columns < until) sum += (scaled[at] as number) ** 2;
      return sum / items.length;
    };
    expect(spreadOf(featureColumns.level, featureColumns.adi)).toBeCloseTo(1, 8);
    expect(spreadOf(featureColumns.weekdays, featureColumns.parts)).toBeCloseTo(1, 8);
    expect(spreadOf(featureColumns.months, columns)).toBeCloseTo(1, 8);
  });

  test('an item of a few weeks has the season of the average item', () => {
    const items = shopItems(100).map((item) => (item.itemId === 5 ? { ...item, days: 40 } : item));
    const { raw, columns } = itemFeatures(items, true);
    const months = (at: number) => [...raw.subarray(at * columns + featureColumns.months, (at + 1) * columns)];
    const grown = items.filter(({ itemId }) => itemId !== 5);
    for (const [month, index] of months(4).entries()) {
      const shares = grown.map((item) => (item.months[month] as number) / item.units);
      expect(index).toBeCloseTo((12 * shares.reduce((sum, share) => sum + share, 0)) / grown.length, 10);
    }
    // A grown item of the same kind has its own.
    expect(Math.max(...months(9)) / Math.max(...months(4))).toBeGreaterThan(1.3);
  });
});

describe('names of clusters', () => {
  test('are numbered only where two would share one, the higher demand first', () => {
    const row = (level: number) => [level, 0, 0, ...Array<number>(11).fill(1)];
    const raw = Float64Array.from([...row(1), ...row(3), ...row(-4)]);
    const features = { itemIds: [1, 2, 3], columns: 14, raw, scaled: raw };
    const centroids = [Float64Array.of(1), Float64Array.of(3), Float64Array.of(-4)];
    const names = clusterNames(features, { centroids, assigned: Int32Array.of(0, 1, 2) });
    expect(names).toEqual(['fast-smooth-2', 'fast-smooth', 'slow-smooth']);
  });
});
