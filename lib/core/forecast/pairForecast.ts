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
  /** Of that what was still to come. */
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
  const all = [...origins.past, origins.present];
  const each = (figure: (at: number) => number) => Float32Array.from(all, (_, at) => figure(at));
  const level = (at: number) => basis.levels[at] as number;
  const toDate = (at: number) => basis.soldToDate[at] as number;
  const rest = (at: number) => level(at) * (outlook.rest[at] as number);
  const { storeId, itemId, linearNext, lastNext, classes, knownDays, months } = basis;
  return {
    storeId,
    itemId,
    actualCurrent: each((at) => (outlook.scoresCurrent[at] === 1 ? (basis.soldCurrent[at] as number) : Number.NaN)),
    actualNext: each((at) => (outlook.scoresNext[at] === 1 ? (basis.soldNext[at] as number) : Number.NaN)),
    planningCurrent: each((at) => toDate(at) + rest(at)),
    restCurrent: each(rest),
    runRateCurrent: Float32Array.from(all, ({ day, current }, at) =>
      day > current.from ? (toDate(at) / (day - current.from)) * (current.until - current.from) : Number.NaN,
    ),
    planningNext: each((at) => level(at) * (outlook.next[at] as number)),
    linearNext,
    lastNext,
    meanNext: Float32Array.from(all, ({ next }, at) => (basis.means[at] as number) * (next.until - next.from)),
    classes,
    knownDays,
    months,
    level: basis.level,
  };
}
