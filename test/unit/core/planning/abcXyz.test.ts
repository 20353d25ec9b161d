import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dayNumber } from '../../../../lib/core/forecast/calendarDays.ts';
import { abcClasses, xyzClass } from '../../../../lib/core/planning/abcXyz.ts';

const abc = (...units: number[]) => abcClasses(Float64Array.from(units), [0.8, 0.95]).join('');

describe('abcClasses', () => {
  test('gives A to the fewest pairs that make up 80 % of the units, B up to 95 %', () => {
    // 60, 85, 95, 99, 100 % together: the pair that reaches a cut still belongs to it.
    expect(abc(60, 25, 10, 4, 1)).toBe('AABCC');
    expect(abc(1, 60, 4, 25, 10)).toBe('CACAB');
  });

  test('is C for what sold nothing, and nothing but C where nothing sold', () => {
    expect(abc(100, 0, -5)).toBe('ACC');
    expect(abc(0, 0)).toBe('CC');
    expect(abc()).toBe('');
  });

  test('puts the earlier of equal ones first', () => {
    expect(abc(1, 1, 1, 1, 1)).toBe('AAAAB');
  });

  test('never puts a pair above one that sold more', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 40 }), (units) => {
        const classes = abcClasses(Float64Array.from(units), [0.8, 0.95]);
        for (const [a, more] of units.entries())
          for (const [b, less] of units.entries())
            if (more > less) expect((classes[a] as string) <= (classes[b] as string)).toBe(true);
      }),
    );
  });
});

describe('xyzClass', () => {
  const cuts = [0.5, 1] as const;
  /** From 2025-12-15 on, the day of the first sale; each month sells its rate each day. */
  const series = (rates: Readonly<Record<string, number>>, skipped: (date: string) => boolean = () => false) => {
    const firstSale = dayNumber('2025-12-15');
    const days: number[] = [];
    const values: number[] = [];
    for (let day = firstSale + 1; day < dayNumber('2026-06-10'); day += 1) {
      const date = new Date(day * 86_400_000).toISOString().slice(0, 10);
      if (skipped(date)) continue;
      days.push(day);
      values.push(rates[date.slice(0, 7)] ?? 0);
    }
    return { firstSale, days: Int32Array.from(days), values: Float64Array.from(values), censored: new Int32Array() };
  };

  test('tells by the coefficient of variation of complete months', () => {
    const even = { '2026-01': 10, '2026-02': 10, '2026-03': 11, '2026-04': 9, '2026-05': 10 };
    expect(xyzClass(series(even), dayNumber('2026-06-10'), cuts)).toBe('X');
    // 1, 1, 1, 1, 6: mean 2, deviation 2, CV exactly 1.
    const uneven = { '2026-01': 1, '2026-02': 1, '2026-03': 1, '2026-04': 1, '2026-05': 6 };
    expect(xyzClass(series(uneven), dayNumber('2026-06-10'), cuts)).toBe('Y');
    expect(xyzClass(series({ '2026-03': 5 }), dayNumber('2026-06-10'), cuts)).toBe('Z');
  });

  test('leaves out the open month and the one of the first sale', () => {
    const even = {
      '2025-12': 500,
      '2026-01': 1,
      '2026-02': 1,
      '2026-03': 1,
      '2026-04': 1,
      '2026-05': 1,
      '2026-06': 99,
    };
    expect(xyzClass(series(even), dayNumber('2026-06-10'), cuts)).toBe('X');
  });

  test('takes a rate of the known days, and leaves a month out that has too few', () => {
    const even = { '2026-01': 4, '2026-02': 4, '2026-03': 4, '2026-04': 4, '2026-05': 4 };
    const half = series(even, (date) => date > '2026-04-16' && date < '2026-05-25');
    expect(xyzClass(half, dayNumber('2026-06-10'), cuts)).toBe('X');
  });

  test('is not known with fewer than 3 complete months, nor where nothing sold', () => {
    const even = { '2026-01': 10, '2026-02': 10, '2026-03': 10 };
    expect(xyzClass(series(even), dayNumber('2026-03-31'), cuts)).toBeUndefined();
    expect(xyzClass(series(even), dayNumber('2026-04-01'), cuts)).toBe('X');
    expect(xyzClass(series({}), dayNumber('2026-06-10'), cuts)).toBeUndefined();
    const never = {
      firstSale: undefined,
      days: new Int32Array(),
      values: new Float64Array(),
      censored: new Int32Array(),
    };
    expect(xyzClass(never, dayNumber('2026-06-10'), cuts)).toBeUndefined();
  });
});
