import { expect, test } from '@jest/globals';
import { PairBlockBuilder, pairsOf } from '../../../../lib/core/forecast/pairBlock.ts';

const told = (builder: PairBlockBuilder) =>
  Array.from(pairsOf(builder.take()), ({ history, horizonDays }) => [
    `${history.storeId}/${history.itemId}`,
    [...history.days],
    [...history.demand],
    [...history.closing],
    horizonDays,
  ]);

test('a block gives each pair its own days, and the next block begins empty', () => {
  const builder = new PairBlockBuilder((storeId, itemId) => storeId * 10 + itemId);
  expect(told(builder)).toEqual([]);
  builder.add(1, 1, 100, 3, Number.NaN);
  expect([builder.isNewPair(1, 1), builder.isNewPair(1, 2), builder.isNewPair(2, 1)]).toEqual([false, true, true]);
  builder.add(1, 1, 102, 0, 7);
  builder.add(1, 2, 101, 2, -1);
  builder.add(2, 2, 99, 1, 0);
  expect(builder.rows).toBe(4);
  expect(told(builder)).toEqual([
    ['1/1', [100, 102], [3, 0], [Number.NaN, 7], 11],
    ['1/2', [101], [2], [-1], 12],
    ['2/2', [99], [1], [0], 22],
  ]);
  expect(builder.rows).toBe(0);
  // The pair of the last block is a new one in the next.
  expect(builder.isNewPair(2, 2)).toBe(true);
  builder.add(2, 2, 103, 4, 5);
  expect(told(builder)).toEqual([['2/2', [103], [4], [5], 22]]);
});
