import { describe, expect, test } from '@jest/globals';
import { itemClusters } from '../../../../lib/core/cluster/itemClusters.ts';
import { clusterDay } from '../../../../lib/core/cluster/itemDemand.ts';
import { dayNumber } from '../../../../lib/core/forecast/calendarDays.ts';
import { kinds, shopItems } from './shop.ts';

describe('groups of similar items', () => {
  test('keep items of one kind together and are named by what they are', () => {
    const { clusterOf } = itemClusters(shopItems(300), true);
    const names = kinds.map((_, kind) => namesOf(clusterOf, (itemId) => (itemId - 1) % kinds.length === kind));
    for (const [at, mine] of names.entries()) {
      for (const other of names.slice(at + 1)) expect(mine.filter((name) => other.includes(name))).toEqual([]);
    }
    expect(names[0]?.every((name) => name.startsWith('fast-smooth-morning'))).toBe(true);
    expect(names[1]?.every((name) => name.startsWith('fast-smooth-evening'))).toBe(true);
    expect(names[2]?.every((name) => /saturday|midday/.test(name))).toBe(true);
    expect(names[3]?.every((name) => name.startsWith('slow-intermittent'))).toBe(true);
    expect(names[4]?.every((name) => /november|december/.test(name))).toBe(true);
  });

  test('are the same bytes for the same items in another order', () => {
    const items = shopItems(200);
    const bytes = (clusters: ReturnType<typeof itemClusters>) =>
      JSON.stringify([[...clusters.clusterOf], clusters.profile]);
    expect(bytes(itemClusters([...items].reverse(), true))).toBe(bytes(itemClusters(items, true)));
  });

  test('leave nearly every item where it was when a day is added, or an item', () => {
    const today = itemClusters(shopItems(58), true).clusterOf;
    const moved = (later: ReadonlyMap<number, string>) =>
      [...today].filter(([itemId, name]) => later.get(itemId) !== name).length;
    expect(new Set(today.values()).size).toBe(kinds.length);
    expect(moved(itemClusters(shopItems(58, 1), true).clusterOf)).toBeLessThan(3);
    expect(moved(itemClusters(shopItems(59), true).clusterOf)).toBeLessThan(3);
  });

  test('are those of the first of the month all month long, and of today in the first weeks', () => {
    const [first, today] = [dayNumber('2025-01-10'), dayNumber('2025-03-17')];
    expect(clusterDay(today, first)).toBe(dayNumber('2025-03-01'));
    expect(clusterDay(dayNumber('2025-03-31'), first)).toBe(dayNumber('2025-03-01'));
    expect(clusterDay(dayNumber('2025-02-05'), first)).toBe(dayNumber('2025-02-05'));
  });

  test('know no season before there are 13 months', () => {
    const { clusterOf, profile } = itemClusters(shopItems(300), false);
    expect([...new Set(clusterOf.values())].filter((name) => /december|november/.test(name))).toEqual([]);
    expect(new Set(profile.map(({ dimension }) => dimension))).toEqual(new Set(['hour', 'weekday']));
  });

  test('are none without items, one for few, and items without demand are in none', () => {
    expect(itemClusters([], true)).toEqual({ clusterOf: new Map(), profile: [] });
    const [item] = shopItems(1);
    if (item === undefined) throw new Error('no item');
    const idle = { ...item, itemId: 2, units: 0, demandDays: 0, sumOfSquares: 0 };
    const { clusterOf, profile } = itemClusters([item, idle], false);
    expect([...clusterOf]).toEqual([[1, 'medium-smooth']]);
    expect(profile.every(({ index }) => index === null || index === 1)).toBe(true);
  });
});

describe('the profile of a cluster', () => {
  test('tells how its units spread, against all items', () => {
    const { profile } = itemClusters(shopItems(300), true);
    const clusters = [...new Set(profile.map(({ clusterId }) => clusterId))];
    for (const clusterId of clusters) {
      for (const [dimension, buckets] of [
        ['hour', 24],
        ['weekday', 7],
        ['month', 12],
      ] as const) {
        const rows = profile.filter((row) => row.clusterId === clusterId && row.dimension === dimension);
        expect(rows).toHaveLength(buckets);
        expect(rows.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 2);
      }
    }
    const morning = profile.find(
      (row) => row.clusterId === 'fast-smooth-morning' && row.dimension === 'hour' && row.bucket === 8,
    );
    expect(morning?.share).toBeGreaterThan(0.2);
    expect(morning?.index).toBeGreaterThan(1.5);
    expect(profile.find((row) => row.dimension === 'hour' && row.bucket === 3)).toMatchObject({
      share: 0,
      index: null,
      units: 0,
    });
  });
});

function namesOf(clusterOf: ReadonlyMap<number, string>, holds: (itemId: number) => boolean): string[] {
  return [...new Set([...clusterOf].filter(([itemId]) => holds(itemId)).map(([, name]) => name))];
}
