import { describe, expect, test } from '@jest/globals';
import { AccuracyTally, MonthChanges, pinball } from '../../../../lib/core/forecast/accuracy.ts';
import { demandClasses, demandClassOf } from '../../../../lib/core/forecast/demandClass.ts';

describe('AccuracyTally', () => {
  test('figures of two forecasts, by hand', () => {
    const tally = new AccuracyTally();
    tally.add(0, 10, 8, { absolute: 4, square: 16 });
    tally.add(3, 30, 36, undefined);
    tally.addBand(10, 5, 12, 0.9);
    tally.addBand(30, 31, 40, 0.9);
    const { pinball: loss, ...rest } = tally.figures;
    expect(rest).toEqual({ n: 2, origins: 2, wape: 8 / 40, bias: 4 / 40, mase: 0.5, rmsse: 0.5, coverage: 0.5 });
    // Quantiles 0.05 and 0.95: (0.05·5 + 0.05·2)/2 and (0.95·1 + 0.05·10)/2, as a share of 40.
    expect(loss).toBeCloseTo((0.175 + 0.725) / 40, 10);
  });

  test('has no share of nothing', () => {
    const tally = new AccuracyTally();
    tally.add(0, 0, 0, undefined);
    expect(tally.figures).toMatchObject({ n: 1, wape: undefined, bias: undefined, mase: undefined });
  });
});

test('pinball loss punishes the side that should be rare', () => {
  expect(pinball(10, 4, 0.95)).toBeCloseTo(5.7, 10);
  expect(pinball(4, 10, 0.95)).toBeCloseTo(0.3, 10);
});

test('changes between months know only the months before', () => {
  const changes = new MonthChanges([10, 14, 8, 100]);
  expect(changes.before(2)).toBeUndefined();
  expect(changes.before(3)).toEqual({ absolute: 5, square: 26 });
  expect(changes.before(5)).toBeUndefined();
});

test('demand classes: ADI at 1.32 days, CV² at .49, too little is sparse', () => {
  const name = (...[days, demands, sum, squares]: Parameters<typeof demandClassOf>) =>
    demandClasses[demandClassOf(days, demands, sum, squares)];
  expect(name(28, 28, 56, 112)).toBe('smooth');
  expect(name(28, 14, 28, 56)).toBe('intermittent');
  // Sizes 1 and 9 by turns: mean 5, CV² 16/25.
  expect(name(28, 28, 140, 14 * 82)).toBe('erratic');
  expect(name(56, 28, 140, 14 * 82)).toBe('lumpy');
  expect(name(13, 13, 26, 52)).toBe('sparse');
  expect(name(100, 1, 5, 25)).toBe('sparse');
});
