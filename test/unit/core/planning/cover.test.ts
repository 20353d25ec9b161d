import { describe, expect, test } from '@jest/globals';
import { daysOfCover, lostSalesEstimate, stockoutDays } from '../../../../lib/core/planning/cover.ts';

describe('daysOfCover', () => {
  test('is stock by rate, 0 from none on, not known without either', () => {
    expect(daysOfCover(9, 2)).toBe(4.5);
    expect(daysOfCover(0, 2)).toBe(0);
    expect(daysOfCover(-4, 2)).toBe(0);
    expect(daysOfCover(9, 0)).toBeUndefined();
    expect(daysOfCover(undefined, 2)).toBeUndefined();
    expect(daysOfCover(9, undefined)).toBeUndefined();
  });
});

describe('stockoutDays', () => {
  test('are the first days that the stock does not last for, at the rate and at its bounds', () => {
    expect(stockoutDays(20_000, 9, { units: 2, lower: 0.5, upper: 4 })).toEqual({
      expected: 20_004,
      early: 20_002,
      late: 20_018,
    });
  });

  test('are today where the shelf is empty, and none at a rate of 0', () => {
    expect(stockoutDays(20_000, 0, { units: 2, lower: 0, upper: 4 })).toEqual({
      expected: 20_000,
      early: 20_000,
      late: undefined,
    });
  });

  test('are none beyond ten years', () => {
    expect(stockoutDays(20_000, 3_651, { units: 1, lower: 0.5, upper: 1.1 })).toEqual({
      expected: undefined,
      early: 23_319,
      late: undefined,
    });
  });

  test('are none where stock or rate is not known', () => {
    const none = { expected: undefined, early: undefined, late: undefined };
    expect(stockoutDays(20_000, undefined, { units: 2, lower: 1, upper: 3 })).toEqual(none);
    expect(stockoutDays(20_000, 9, undefined)).toEqual(none);
  });
});

describe('lostSalesEstimate', () => {
  test('counts days without stock among the newest 28', () => {
    // 72 is the oldest of the 28 before 100.
    expect(lostSalesEstimate(Int32Array.of(60, 71, 72, 99), 100, 1.5)).toBe(3);
    expect(lostSalesEstimate(new Int32Array(), 100, 1.5)).toBe(0);
  });
});
