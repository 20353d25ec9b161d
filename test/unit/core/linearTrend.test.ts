import { describe, expect, test } from '@jest/globals';
import { linearTrend, type MonthUnits, type TrendInput } from '../../../lib/core/linearTrend.ts';

const months = (units: Readonly<Record<string, number>>): MonthUnits[] =>
  Object.entries(units).map(([month, value]) => ({ month: `${month}-01`, units: value }));

const base: TrendInput = {
  months: months({ '2026-01': 10, '2026-02': 20, '2026-03': 30 }),
  firstSaleMonth: '2026-01-01',
  firstEventDate: '2026-01-01',
  openMonth: '2026-04-01',
};

describe('linearTrend', () => {
  test('goes on along the line to the month after the open one', () => {
    // 10, 20, 30 at 0, 1, 2: the open month would be 40 (at 3), the forecast month 50 (at 4).
    expect(linearTrend(base)).toBe(50);
  });

  test('fits least squares where the months are not on a line, to 3 decimals', () => {
    // 1, 2, 4 at 0, 1, 2: mean 7/3, slope 3/2, value at 4 = 7/3 + 3/2 × 3 = 6.8333…
    expect(linearTrend({ ...base, months: months({ '2026-01': 1, '2026-02': 2, '2026-03': 4 }) })).toBe(6.833);
    // 1, 0, 1, 0 at 0…3: mean 1/2, slope −1/5, value at 5 = 1/2 − 1/5 × 3.5 = −0.2, so 0.
    const zigzag = { ...base, months: months({ '2026-01': 1, '2026-03': 1 }), openMonth: '2026-05-01' };
    expect(linearTrend(zigzag)).toBe(0);
  });

  test('counts months without a sale as zero from the first sale on', () => {
    // 6, 0, 0, 6 at 0…3: mean 3, slope 0, so 3.
    const gap = { ...base, months: months({ '2026-01': 6, '2026-04': 6 }), openMonth: '2026-05-01' };
    expect(linearTrend(gap)).toBe(3);
    // 12, 0 at 0, 1: slope −12, value at 3 = −24, so 0: the last months are zeros too.
    expect(linearTrend({ ...base, months: months({ '2026-01': 12 }), openMonth: '2026-03-01' })).toBe(0);
  });

  test('leaves out what lies before the first sale, but not the store’s months', () => {
    // First sale in February of a store that began on January 1st: 10, 20 at 0, 1; value at 3 = 40.
    const late = { ...base, months: months({ '2026-02': 10, '2026-03': 20 }), firstSaleMonth: '2026-02-01' };
    expect(linearTrend(late)).toBe(40);
  });

  test('leaves out the partial first month of the store, even with sales in it', () => {
    // January began on the 2nd: only 20, 30 at 0, 1; value at 3 = 50.
    expect(linearTrend({ ...base, firstEventDate: '2026-01-02' })).toBe(50);
    // 100 in the partial month would bend it: 20, 20 → 20.
    const bent = { ...base, months: months({ '2026-01': 100, '2026-02': 20, '2026-03': 20 }) };
    expect(linearTrend({ ...bent, firstEventDate: '2026-01-31' })).toBe(20);
    expect(linearTrend({ ...bent, firstEventDate: '2026-01-01' })).toBe(0);
  });

  test('counts zeros from the first complete month where the first sale fell into the partial one', () => {
    // Sold in the partial January only; complete: February 0, March 0 → 0, not empty.
    const only = { ...base, months: months({ '2026-01': 9 }), firstEventDate: '2026-01-15' };
    expect(linearTrend(only)).toBe(0);
  });

  test('leaves out the open month', () => {
    expect(linearTrend({ ...base, months: [...base.months, { month: '2026-04-01', units: 9_999 }] })).toBe(50);
  });

  test('is empty with fewer than two complete months', () => {
    expect(linearTrend({ ...base, firstSaleMonth: '2026-03-01' })).toBeUndefined();
    expect(linearTrend({ ...base, firstSaleMonth: '2026-04-01' })).toBeUndefined();
    expect(linearTrend({ ...base, firstEventDate: '2026-02-02' })).toBeUndefined();
    expect(linearTrend({ ...base, openMonth: '2026-01-01' })).toBeUndefined();
  });

  test('needs just two', () => {
    expect(linearTrend({ ...base, firstSaleMonth: '2026-02-01' })).toBe(50);
  });

  test('is empty where nothing was ever sold', () => {
    expect(linearTrend({ ...base, firstSaleMonth: undefined, months: [] })).toBeUndefined();
  });

  test('is floored at plain zero where the trend falls below it, and where returns outweigh sales', () => {
    const falling = { ...base, months: months({ '2026-01': 30, '2026-02': 20, '2026-03': 10 }) };
    expect(Object.is(linearTrend(falling), 0)).toBe(true);
    const returned = { ...base, months: months({ '2026-01': -5, '2026-02': -5, '2026-03': -5 }) };
    expect(Object.is(linearTrend(returned), 0)).toBe(true);
  });

  test('does not mind the order of the months, nor the turn of a year', () => {
    const turn = {
      months: months({ '2026-01': 30, '2025-11': 10, '2025-12': 20 }),
      firstSaleMonth: '2025-11-01',
      firstEventDate: '2025-11-01',
      openMonth: '2026-02-01',
    };
    expect(linearTrend(turn)).toBe(50);
  });
});
