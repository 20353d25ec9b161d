import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { orderStatistic, ScorePools } from '../../../../lib/core/planning/serviceQuantile.ts';

const numbered = (count: number, from = 1) => Float64Array.from({ length: count }, (_, at) => at + from);

describe('orderStatistic', () => {
  test('is the ⌈(n + 1)·level⌉-th smallest as it stands', () => {
    expect(orderStatistic(numbered(99), 0.95)).toBe(95);
    expect(orderStatistic(numbered(100), 0.95)).toBe(96);
    expect(orderStatistic(numbered(3), 0.5)).toBe(2);
  });

  test('is not known where too few scores could promise that much', () => {
    expect(orderStatistic(numbered(18), 0.95)).toBeUndefined();
    expect(orderStatistic(numbered(19), 0.95)).toBe(19);
    expect(orderStatistic(numbered(0), 0.5)).toBeUndefined();
  });

  test('leaves at most that share of its scores above it', () => {
    const scores = fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 100, maxLength: 300 });
    fc.assert(
      fc.property(scores, fc.double({ min: 0.5, max: 0.98, noNaN: true }), (drawn, level) => {
        const ascending = Float64Array.from(drawn).sort();
        const quantile = orderStatistic(ascending, level) as number;
        expect(ascending.filter((score) => score > quantile).length).toBeLessThanOrEqual((1 - level) * drawn.length);
      }),
    );
  });
});

describe('ScorePools', () => {
  const fill = (pools: ScorePools, horizonDays: number, pool: number, scores: Float64Array) =>
    pools.add(horizonDays, { scores, pools: new Uint8Array(scores.length).fill(pool) });

  test('asks pairs that are alike, where there are enough of them', () => {
    const pools = new ScorePools();
    fill(pools, 14, 12, numbered(200));
    fill(pools, 14, 13, numbered(200, 1001));
    expect(pools.serviceQuantile(0.95, 14, 12)).toBe(191);
    expect(pools.serviceQuantile(0.95, 14, 13)).toBe(1191);
  });

  test('asks wider where there are not: equally unsure, then the same interval, then all', () => {
    const pools = new ScorePools();
    fill(pools, 14, 12, numbered(199));
    fill(pools, 14, 13, numbered(1, 1000));
    fill(pools, 14, 43, numbered(400, 5001));
    fill(pools, 7, 22, numbered(400, 9001));
    // 12 and 13 together: the 191st of 200.
    expect(pools.serviceQuantile(0.95, 14, 12)).toBe(191);
    // All of 14 days: the 571st of 600.
    expect(pools.serviceQuantile(0.95, 14, 53)).toBe(5371);
    // All 1,000: the 951st.
    expect(pools.serviceQuantile(0.95, 21, 12)).toBe(9351);
  });

  test('takes the little there is where nothing is wider, and says nothing of nothing', () => {
    const pools = new ScorePools();
    expect(pools.serviceQuantile(0.95, 14, 12)).toBeUndefined();
    const few = new ScorePools();
    fill(few, 14, 12, numbered(30));
    expect(few.serviceQuantile(0.95, 14, 12)).toBe(30);
    expect(few.serviceQuantile(0.99, 14, 12)).toBeUndefined();
  });

  test('does not mind in which order pairs come', () => {
    const drawn = fc.array(fc.tuple(fc.constantFrom(12, 13, 22), fc.integer({ min: -99, max: 99 })), {
      minLength: 250,
    });
    fc.assert(
      fc.property(drawn, (scores) => {
        const quantileOf = (list: typeof scores) => {
          const pools = new ScorePools();
          for (const [pool, score] of list) fill(pools, 14, pool, Float64Array.of(score));
          return pools.serviceQuantile(0.9, 14, 12);
        };
        expect(quantileOf(scores)).toBe(quantileOf([...scores].reverse()));
      }),
    );
  });
});
