import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { levelsAfter } from '../../../../lib/core/forecast/level.ts';
import { poolOf, protectionPrefixes, protectionScores } from '../../../../lib/core/planning/protectionScores.ts';

describe('protectionPrefixes', () => {
  test('are every seventh day back from the newest interval that is over, and the present', () => {
    expect([...protectionPrefixes(50, 14)]).toEqual([15, 22, 29, 36, 50]);
  });

  test('are whole weeks back, so that short intervals begin on the weekday of now', () => {
    expect([...protectionPrefixes(50, 3)]).toEqual([15, 22, 29, 36, 43, 50]);
    expect([...protectionPrefixes(50, 8)]).toEqual([15, 22, 29, 36, 50]);
  });

  test('need 14 days before the first', () => {
    expect([...protectionPrefixes(28, 14)]).toEqual([14, 28]);
    expect([...protectionPrefixes(27, 14)]).toEqual([27]);
    expect([...protectionPrefixes(0, 14)]).toEqual([0]);
  });

  test('are those of every second week of a year where there are more than 26', () => {
    expect(protectionPrefixes(196, 7)).toHaveLength(27);
    expect([...protectionPrefixes(203, 7).slice(-3)]).toEqual([182, 196, 203]);
    expect(protectionPrefixes(203, 7)).toHaveLength(15);
    const years = protectionPrefixes(1_000, 7);
    expect(years).toHaveLength(27);
    expect(years[0]).toBe(993 - 25 * 14);
  });
});

describe('protectionScores', () => {
  test('set the next days against the level of each origin, in roots of the forecast', () => {
    // Days sell 1, 2, 3, …; levels of 1.5 a day forecast 3 for two days, of scale √4.
    const values = Float64Array.from({ length: 28 }, (_, at) => at + 1);
    const prefixes = Int32Array.of(14, 21, 28);
    const { scores, scale } = protectionScores(values, 2, prefixes, [1.5, 1.5, 4]);
    expect([...scores]).toEqual([(15 + 16 - 3) / 2, (22 + 23 - 3) / 2]);
    expect(scale).toBe(3);
  });

  test('pool by errors that were over at their origin only', () => {
    // Intervals of 14 days, a week apart: at the 5th origin the first 3 are over, each sold 1 unit less than 15.
    const values = new Float64Array(80).fill(1);
    const prefixes = protectionPrefixes(80, 14);
    const levels = Float64Array.from(prefixes, () => 15 / 14);
    const { pools, pool } = protectionScores(values, 14, prefixes, levels);
    expect([...prefixes]).toEqual([17, 24, 31, 38, 45, 52, 59, 66, 80]);
    // 3 volume bands from 8 to 32; an error of 1 by √16 is below a half.
    expect([...pools]).toEqual([53, 53, 53, 53, 3, 3, 3, 3]);
    expect(pool).toBe(3);
  });

  test('know nothing of what came after', () => {
    const dice = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 60, maxLength: 120 });
    fc.assert(
      fc.property(dice, fc.integer({ min: 1, max: 14 }), (days, horizonDays) => {
        const scoresOf = (values: Float64Array) => {
          const prefixes = protectionPrefixes(values.length, horizonDays);
          return protectionScores(values, horizonDays, prefixes, levelsAfter(values, prefixes).combined);
        };
        const whole = Float64Array.from(days);
        const later = scoresOf(whole).scores;
        const earlier = scoresOf(whole.subarray(0, days.length - 7)).scores;
        expect([...later.subarray(0, -1)]).toEqual([...earlier].slice(earlier.length - later.length + 1));
      }),
    );
  });

  test('are numbers, and their scale is above 0, where nothing sells', () => {
    const prefixes = protectionPrefixes(60, 7);
    const dead = protectionScores(new Float64Array(60), 7, prefixes, new Float64Array(prefixes.length));
    expect(new Set(dead.scores)).toEqual(new Set([0]));
    expect(dead.scale).toBe(1);
  });
});

describe('poolOf', () => {
  test('goes by fourfold volume and twofold unsureness', () => {
    expect([0, 0.49, 0.5, 2, 8, 1e9].map((forecast) => poolOf(forecast, undefined))).toEqual([50, 50, 51, 52, 53, 59]);
    // √(3 + 1) = 2: errors of 0.9, 1, 2, 4, 8.
    expect([0.9, 1, 2, 4, 8, 1e9].map((error) => poolOf(3, error))).toEqual([2, 12, 22, 32, 42, 42]);
  });
});
