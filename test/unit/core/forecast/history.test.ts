import { describe, expect, test } from '@jest/globals';
import { demandSeries, silentDaysOf, weekdayFactors } from '../../../../lib/core/forecast/history.ts';

const never = () => false;

/** `days` of [day, demand, closing]; closing null = never counted. */
function history(days: readonly (readonly [number, number, number | null])[]) {
  return {
    storeId: 1,
    itemId: 2,
    days: Int32Array.from(days, ([day]) => day),
    demand: Float64Array.from(days, ([, units]) => units),
    closing: Float64Array.from(days, ([, , stock]) => stock ?? Number.NaN),
  };
}

describe('demandSeries', () => {
  test('begins the day after the first sale and has a value for each day', () => {
    const { firstSale, values, days } = demandSeries(
      history([
        [10, 0, null],
        [12, 5, null],
        [14, 2, null],
      ]),
      16,
      never,
    );
    expect(firstSale).toBe(12);
    expect([...days]).toEqual([13, 14, 15]);
    expect([...values]).toEqual([0, 2, 0]);
  });

  test('counts a day that nets below zero as zero', () => {
    expect([
      ...demandSeries(
        history([
          [1, 3, null],
          [2, -4, null],
        ]),
        3,
        never,
      ).values,
    ]).toEqual([0]);
  });

  test('is empty where nothing was ever sold, or first today', () => {
    expect(demandSeries(history([[1, 0, 5]]), 9, never)).toMatchObject({ firstSale: undefined });
    const today = demandSeries(history([[8, 2, null]]), 9, never);
    expect(today.firstSale).toBe(8);
    expect(today.values).toHaveLength(0);
  });

  test('leaves out silent days, but not a sale on one', () => {
    const { days } = demandSeries(
      history([
        [1, 3, null],
        [3, 1, null],
      ]),
      6,
      (day) => day >= 2 && day <= 4,
    );
    expect([...days]).toEqual([3, 5]);
  });

  test('leaves out days on an empty shelf until it is filled', () => {
    const { days, censored } = demandSeries(
      history([
        [1, 3, 5],
        [3, 5, 0],
        [6, 0, 20],
        [7, 1, 19],
      ]),
      9,
      never,
    );
    expect([...censored]).toEqual([4, 5]);
    expect([...days]).toEqual([2, 3, 6, 7, 8]);
  });

  test('trusts no stock figure of an item that sells from an empty shelf', () => {
    const { censored } = demandSeries(
      history([
        [1, 3, 5],
        [3, 5, 0],
        [5, 2, -2],
        [9, 0, 20],
      ]),
      12,
      never,
    );
    expect([...censored]).toEqual([]);
  });

  test('takes an empty shelf as reason for 28 days, no longer', () => {
    const { censored } = demandSeries(
      history([
        [1, 3, 5],
        [2, 5, 0],
      ]),
      100,
      never,
    );
    expect(censored).toHaveLength(28);
  });
});

describe('silentDaysOf', () => {
  const store = (days: readonly number[]) => ({
    storeId: 1,
    days: Int32Array.from(days),
    units: new Float64Array(days.length).fill(1),
  });

  test('are the days of a gap that is far longer than usual', () => {
    const days = Array.from({ length: 30 }, (_, day) => day);
    expect([...silentDaysOf(store([...days, 40, 41]), 42, 7)]).toEqual([30, 31, 32, 33, 34, 35, 36, 37, 38, 39]);
  });

  test('are none of a store that is closed on Sundays, or sells once a week', () => {
    const open = Array.from({ length: 100 }, (_, day) => day).filter((day) => day % 7 !== 3);
    expect(silentDaysOf(store(open), 100, 7).size).toBe(0);
    const weekly = Array.from({ length: 20 }, (_, week) => week * 7);
    expect(silentDaysOf(store(weekly), 140, 7).size).toBe(0);
  });
});

describe('weekdayFactors', () => {
  test('are 1 without sales, and 1 on average with them', () => {
    const none = { storeId: 1, days: new Int32Array(), units: new Float64Array() };
    expect([...weekdayFactors(none, 100)]).toEqual(new Array(7).fill(1));
    const days = Int32Array.from({ length: 56 }, (_, day) => day);
    const busy = { storeId: 1, days, units: Float64Array.from(days, (day) => (day % 7 === 2 ? 14 : 0)) };
    const factors = weekdayFactors(busy, 56);
    expect(factors.reduce((sum, factor) => sum + factor, 0)).toBeCloseTo(7, 10);
    // Eight weeks of seven times the average against four weeks of 1.
    expect(Math.max(...factors)).toBeCloseTo((8 * 7 + 4) / 12, 10);
  });
});
