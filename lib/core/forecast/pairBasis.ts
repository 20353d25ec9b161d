import { monthDays } from './calendarDays.ts';
import { demandClassOf } from './demandClass.ts';
import { type DemandSeries, demandSeries, type PairHistory } from './history.ts';
import { levelsAfter } from './level.ts';
import { monthTrend } from './monthTrend.ts';
import type { Origins } from './origins.ts';
import type { StoreGround } from './storeOutlook.ts';

/**
 * What a pair's own closed days say at each origin, before anything of its store is applied (`pairForecast`): so a late
 * line of another pair leaves it as it is. An element an origin, the past ones first and the present last; NaN where
 * there was no history yet.
 */
export type PairBasis = Readonly<{
  storeId: number;
  itemId: number;
  /** Units a day, and the mean of the newest 28 known days. */
  levels: Float32Array;
  means: Float32Array;
  /** Units sold in the origin's month before it, in that month, in the next one; what is not over yet holds what is known. */
  soldToDate: Float32Array;
  soldCurrent: Float32Array;
  soldNext: Float32Array;
  linearNext: Float32Array;
  lastNext: Float32Array;
  /** Place in `demandClasses` at the origin. */
  classes: Float32Array;
  knownDays: Float32Array;
  /** Units of the newest complete months, oldest first, at most 60; the last is the one before the present month. */
  months: Float32Array;
  /** Units a day at the present. */
  level: number;
}>;

const mostMonths = 60;

/** Figures of one pair at all origins, and its daily demand for whoever plans with it. */
export function pairBasis(
  history: PairHistory,
  origins: Origins,
  { firstDay, silent }: StoreGround,
): { basis: PairBasis; series: DemandSeries } {
  const all = [...origins.past, origins.present];
  const asOf = origins.present.day;
  const series = demandSeries(history, asOf, (day) => silent.has(day));
  const nothing = () => new Float32Array(all.length).fill(Number.NaN);
  const basis = {
    storeId: history.storeId,
    itemId: history.itemId,
    levels: nothing(),
    means: nothing(),
    soldToDate: nothing(),
    soldCurrent: nothing(),
    soldNext: nothing(),
    linearNext: nothing(),
    lastNext: nothing(),
    classes: nothing(),
    knownDays: nothing(),
    months: new Float32Array(),
    level: 0,
  };
  const { firstSale } = series;
  if (firstSale === undefined) return { basis, series };

  const sold = soldBefore(history, firstSale, asOf);
  const between = (from: number, until: number) =>
    (sold[clamp(until - firstSale, sold)] as number) - (sold[clamp(from - firstSale, sold)] as number);
  const months = completeMonths(origins, firstSale, firstDay, between);
  basis.months = Float32Array.from(months.units.slice(-mostMonths));
  const prefixes = prefixesOf(series, all);
  const { combined, mean28 } = levelsAfter(series.values, prefixes);
  const classes = classesAfter(series.values, prefixes);
  all.forEach((origin, at) => {
    basis.soldCurrent[at] = between(origin.current.from, origin.current.until);
    basis.soldNext[at] = between(origin.next.from, origin.next.until);
    if (origin.day <= firstSale) return;
    basis.levels[at] = combined[at] as number;
    basis.means[at] = mean28[at] as number;
    basis.soldToDate[at] = between(origin.current.from, origin.day);
    const ended = monthDays(origin.day).index - months.first;
    if (ended >= 1) basis.lastNext[at] = months.units[ended - 1] ?? 0;
    basis.linearNext[at] = monthTrend(months.units, 0, ended, ended + (origins.every === 'month' ? 1 : 0));
    basis.classes[at] = classes[at] as number;
    basis.knownDays[at] = prefixes[at] as number;
  });
  basis.level = combined[all.length - 1] as number;
  return { basis, series };
}

/** Units sold before each day from the first sale on; days that net below 0 count as 0. */
function soldBefore({ days, demand }: PairHistory, firstSale: number, asOf: number): Float64Array {
  const sold = new Float64Array(asOf - firstSale + 1);
  for (let at = 0; at < days.length; at += 1) {
    const place = (days[at] as number) - firstSale;
    if (place >= 0 && place < sold.length - 1) sold[place + 1] = Math.max(0, demand[at] as number);
  }
  for (let at = 1; at < sold.length; at += 1) sold[at] = (sold[at - 1] as number) + (sold[at] as number);
  return sold;
}

/** Complete months from that of the first sale on, without the store's partial first one (product.md, linear trend). */
function completeMonths(
  origins: Origins,
  firstSale: number,
  storeFirst: number,
  between: (from: number, until: number) => number,
): { first: number; units: number[] } {
  const began = monthDays(storeFirst);
  const partial = storeFirst > began.from;
  const first = Math.max(monthDays(firstSale).index, began.index + (partial ? 1 : 0));
  const open = monthDays(origins.present.day).index;
  const units = [];
  for (let index = first; index < open; index += 1) {
    const { from, until } = monthDays(origins.present.day, index - open);
    units.push(between(from, until));
  }
  return { first, units };
}

/** How many known values lie before each origin. */
function prefixesOf({ days }: DemandSeries, all: readonly { day: number }[]): Int32Array {
  let at = 0;
  return Int32Array.from(all, ({ day }) => {
    while (at < days.length && (days[at] as number) < day) at += 1;
    return at;
  });
}

function classesAfter(values: Float64Array, prefixes: Int32Array): Uint8Array {
  let seen = 0;
  let demands = 0;
  let sum = 0;
  let squares = 0;
  return Uint8Array.from(prefixes, (until) => {
    for (; seen < until; seen += 1) {
      const value = values[seen] as number;
      if (value > 0) demands += 1;
      sum += value;
      squares += value * value;
    }
    return demandClassOf(until, demands, sum, squares);
  });
}

function clamp(place: number, sold: Float64Array): number {
  return Math.min(sold.length - 1, Math.max(0, place));
}
