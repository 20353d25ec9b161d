import type { Origins } from './origins.ts';
import type { PairBasis } from './pairBasis.ts';
import type { StoreOutlook } from './storeOutlook.ts';

/**
 * What each model said of a pair at each origin, and what came; an element an origin, the past ones first and the
 * present last, in units. NaN where there was no history yet, or where the target cannot be scored.
 */
export type PairForecast = Readonly<{
  storeId: number;
  itemId: number;
  actualCurrent: Float32Array;
  actualNext: Float32Array;
  /** The whole month of the origin: sold to date and the rest. */
  planningCurrent: Float32Array;
  /** Of that what was sold to date, and what was still to come. */
  soldCurrent: Float32Array;
  restCurrent: Float32Array;
  runRateCurrent: Float32Array;
  planningNext: Float32Array;
  linearNext: Float32Array;
  lastNext: Float32Array;
  meanNext: Float32Array;
  /** Place in `demandClasses` at the origin. */
  classes: Float32Array;
  knownDays: Float32Array;
  /** Units of the newest complete months, oldest first, at most 60; the last is the one before the present month. */
  months: Float32Array;
  /** Units a day at the present. */
  level: number;
}>;

/** Forecasts of one pair at all origins: what its own days say, spread over weekdays and seasons as its store's do. */
export function pairForecast(basis: PairBasis, origins: Origins, outlook: StoreOutlook): PairForecast {
  const count = basis.levels.length;
  const forecast = {
    actualCurrent: new Float32Array(count).fill(Number.NaN),
    actualNext: new Float32Array(count).fill(Number.NaN),
    planningCurrent: new Float32Array(count),
    restCurrent: new Float32Array(count),
    runRateCurrent: new Float32Array(count).fill(Number.NaN),
    planningNext: new Float32Array(count),
    meanNext: new Float32Array(count),
  };
  for (let at = 0; at < count; at += 1) {
    const { day, current, next } = origins.past[at] ?? origins.present;
    const level = basis.levels[at] as number;
    const toDate = basis.soldToDate[at] as number;
    const rest = level * (outlook.rest[at] as number);
    if (outlook.scoresCurrent[at] === 1) forecast.actualCurrent[at] = basis.soldCurrent[at] as number;
    if (outlook.scoresNext[at] === 1) forecast.actualNext[at] = basis.soldNext[at] as number;
    forecast.planningCurrent[at] = toDate + rest;
    forecast.restCurrent[at] = rest;
    const gone = day - current.from;
    if (gone > 0) forecast.runRateCurrent[at] = (toDate / gone) * (current.until - current.from);
    forecast.planningNext[at] = level * (outlook.next[at] as number);
    forecast.meanNext[at] = (basis.means[at] as number) * (next.until - next.from);
  }
  const { storeId, itemId, soldToDate, linearNext, lastNext, classes, knownDays, months, level } = basis;
  const own = { storeId, itemId, soldCurrent: soldToDate, linearNext, lastNext, classes, knownDays, months, level };
  return { ...own, ...forecast };
}
