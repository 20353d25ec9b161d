import { describe, expect, test } from '@jest/globals';
import { bandScores, errorScale } from '../../../../lib/core/forecast/conformal.ts';
import { Random } from '../../../../local/simulator/random.ts';

describe('bandScores', () => {
  test('are order statistics, not interpolated', () => {
    const scores = Float64Array.from({ length: 99 }, (_, at) => 99 - at);
    expect(bandScores(scores, 0.9)).toEqual({ lower: 5, upper: 95, count: 99 });
  });

  test('are the outermost of too few, and nothing of none', () => {
    expect(bandScores(Float64Array.of(2, -1, 0), 0.9)).toEqual({ lower: -1, upper: 2, count: 3 });
    expect(bandScores(new Float64Array(), 0.9)).toBeUndefined();
  });

  test('hold at least the share asked for of what comes from the same source', () => {
    const random = new Random(1, 2, 3);
    const draw = () => Math.log(1 - random.next()) * (random.next() < 0.3 ? 3 : -1);
    let inside = 0;
    for (let round = 0; round < 2_000; round += 1) {
      const band = bandScores(Float64Array.from({ length: 59 }, draw), 0.9);
      const next = draw();
      if (band !== undefined && next >= band.lower && next <= band.upper) inside += 1;
    }
    // 57 of 60 places lie within the 3rd and 57th of 59; three standard errors of 2,000 rounds are 1.9 %.
    expect(inside / 2_000).toBeGreaterThan(0.88);
    expect(inside / 2_000).toBeLessThan(0.95);
  });
});

describe('errorScale', () => {
  test('is the root mean square of three errors or more, of the newest twelve', () => {
    expect(errorScale([3, -4, 5], 0)).toEqual({ scale: Math.sqrt(50 / 3), own: true, byVolume: 1 });
    expect(errorScale([1_000, ...new Array(12).fill(2)], 0)).toEqual({ scale: 2, own: true, byVolume: 1 });
  });

  test('is by volume with fewer, and never a small part of that', () => {
    expect(errorScale([7, 7], 24)).toEqual({ scale: 5, own: false, byVolume: 5 });
    expect(errorScale([0, 0, 0], 15)).toEqual({ scale: 1, own: true, byVolume: 4 });
  });
});
