import { describe, expect, test } from '@jest/globals';
import { demandClass } from '../../../../lib/core/planning/demandClass.ts';

const repeated = (times: number, ...values: number[]) =>
  Float64Array.from(Array.from({ length: times }, () => values).flat());

describe('demandClass', () => {
  test('tells by how often and how evenly a pair sells', () => {
    // Each day; 5 and 7: mean 6, variance 36/35, CV² 0.03.
    expect(demandClass(repeated(18, 5, 7))).toBe('smooth');
    // Each day; 1 and 20: CV² (9.5/10.5)² × 36/35 = 0.84.
    expect(demandClass(repeated(18, 1, 20))).toBe('erratic');
    // Every other day: ADI 2.
    expect(demandClass(repeated(18, 0, 5))).toBe('intermittent');
    expect(demandClass(repeated(9, 0, 1, 0, 20))).toBe('lumpy');
  });

  test('cuts at an ADI of 1.32', () => {
    // 33 days, 25 with a sale: 1.32 is seldom; 32 days, 25 with one: 1.28 is not.
    expect(demandClass(Float64Array.of(...repeated(25, 1), ...repeated(8, 0)))).toBe('intermittent');
    expect(demandClass(Float64Array.of(...repeated(25, 1), ...repeated(7, 0)))).toBe('smooth');
  });

  test('is new with fewer than 14 known days, or 2 days that sold', () => {
    expect(demandClass(repeated(13, 5))).toBe('new');
    expect(demandClass(repeated(14, 5))).toBe('smooth');
    expect(demandClass(Float64Array.of(9, ...repeated(50, 0)))).toBe('new');
    expect(demandClass(new Float64Array())).toBe('new');
  });

  test('looks at the newest 365 days only', () => {
    expect(demandClass(Float64Array.of(...repeated(400, 1, 50), ...repeated(365, 5)))).toBe('smooth');
    expect(demandClass(Float64Array.of(...repeated(400, 5), ...repeated(365, 0)))).toBe('new');
  });
});
