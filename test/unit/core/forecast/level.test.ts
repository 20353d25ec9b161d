import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { levelsAfter } from '../../../../lib/core/forecast/level.ts';

const demand = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 40 })), { maxLength: 200 });
const levelsOf = (values: readonly number[], prefixes: readonly number[]) =>
  levelsAfter(Float64Array.from(values), prefixes);

describe('levelsAfter', () => {
  test('constant demand is its own level', () => {
    const { combined, mean28 } = levelsOf(new Array(60).fill(5), [1, 14, 60]);
    for (const level of [...combined, ...mean28]) expect(level).toBeCloseTo(5, 10);
  });

  test('nothing known is level 0', () => {
    expect([...levelsOf([], [0]).combined]).toEqual([0]);
    expect([...levelsOf([3, 4], [0]).combined]).toEqual([0]);
  });

  test('the mean of 28 days looks at the newest 28', () => {
    expect(levelsOf([...new Array(10).fill(100), ...new Array(28).fill(2)], [38]).mean28[0]).toBe(2);
  });

  test('knows nothing of what comes after its prefix', () => {
    fc.assert(
      fc.property(demand, fc.nat(200), (values, cut) => {
        const prefix = Math.min(cut, values.length);
        const whole = levelsOf(values, [prefix, values.length]);
        expect(whole.combined[0]).toBe(levelsOf(values.slice(0, prefix), [prefix]).combined[0]);
      }),
    );
  });

  test('is never negative, never beyond what ever sold on a day, and always a number', () => {
    fc.assert(
      fc.property(demand, (values) => {
        const [level = Number.NaN] = levelsOf(values, [values.length]).combined;
        expect(level).toBeGreaterThanOrEqual(0);
        expect(level).toBeLessThanOrEqual(Math.max(0, ...values) + 1e-9);
      }),
    );
  });

  test.each([
    ['daily', 1],
    ['every tenth day', 10],
  ])('an item that sold %s and died two months ago is forecast near zero', (_, every) => {
    const alive = Array.from({ length: 300 }, (_unused, day) => (day % every === 0 ? 4 : 0));
    const { combined } = levelsOf([...alive, ...new Array(61).fill(0)], [300, 361]);
    expect(combined[0]).toBeGreaterThan(3 / every);
    expect(combined[1]).toBeLessThan(0.05 * (combined[0] as number));
  });
});
