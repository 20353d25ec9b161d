import { expect, test } from '@jest/globals';
import { BandPool } from '../../../../lib/core/forecast/bandPool.ts';
import { originsOf } from '../../../../lib/core/forecast/origins.ts';
import type { PairForecast } from '../../../../lib/core/forecast/pairForecast.ts';
import { figuresOf, SeriesSum } from '../../../../lib/core/forecast/panel.ts';

/** 2025-07-25, with data from 2024-07-01 on. */
const origins = originsOf(20_294, 19_905);
const all = [...origins.past, origins.present];

/** Sold `units` to date and nothing more in each month, while `rest` was expected. */
function nothingMore(units: number, rest: number): PairForecast {
  const each = (value: number) => new Float32Array(all.length).fill(value);
  const single = Math.fround(rest);
  return {
    storeId: 1,
    itemId: 1,
    actualCurrent: each(units),
    actualNext: each(units),
    planningCurrent: each(units + single),
    soldCurrent: each(units),
    restCurrent: each(single),
    runRateCurrent: each(units),
    planningNext: each(units),
    linearNext: each(units),
    lastNext: each(units),
    meanNext: each(units),
    classes: each(0),
    knownDays: each(100),
    months: new Float32Array(12).fill(units),
    level: rest,
  };
}

test('the band of the open month begins at what was sold, to the unit, so that it holds a month in which nothing more sells', () => {
  const series = Array.from({ length: 300 }, (_, at) => figuresOf(nothingMore(1 + (at % 90), 0.1 + at / 700)));
  const pool = new BandPool('current_month', all, 0.9);
  for (const one of series) pool.add(one);
  const sum = new SeriesSum(all.length);
  for (const one of series) sum.add(one);
  const whole = sum.figures(
    all.map((_, at) => all.length - 1 - at),
    1,
  );
  let atTheFloor = 0;
  for (const one of [...series, whole]) {
    pool.bands(one).forEach((band, at) => {
      if (band === undefined) return;
      // Above it by what the scores say, or exactly there; never by a rounding.
      const above = band.lower - (one.actual.current_month[at] as number);
      expect(above === 0 || Math.abs(above) > 1e-4).toBe(true);
      if (above === 0) atTheFloor += 1;
    });
  }
  expect(atTheFloor).toBeGreaterThan(1000);
});

test('a band holds its forecast, also where all forecasts so far were too low', () => {
  const series = Array.from({ length: 5 }, () => ({
    ...nothingMore(100, 5),
    actualNext: new Float32Array(all.length).fill(300),
  }));
  const pool = new BandPool('next_month', all, 0.9);
  const figures = series.map(figuresOf);
  for (const one of figures) pool.add(one);
  const bands = figures.flatMap((one) => pool.bands(one).filter((band) => band !== undefined));
  expect(bands.length).toBeGreaterThan(0);
  expect(bands.filter(({ lower, upper }) => lower > 100 || upper < 100)).toEqual([]);
  // All errors were 200. Where own errors are known, and no score in their measure yet, volume is what both are measured in.
  const uppers = pool
    .bands(figures[0] as (typeof figures)[number])
    .flatMap((band) => (band === undefined ? [] : [band.upper]));
  expect(uppers.slice(0, 4).map((upper) => Math.round(upper))).toEqual([300, 300, 300, 300]);
});
