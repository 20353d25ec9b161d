import { weekdayOf } from './calendarDays.ts';

/**
 * What the forecast of a pair is made from: the closed days that hold an event, ascending, as day numbers.
 * `demand` in units, cancelled sales and the online store's bopis left out (product.md, units_sold); `closing` is the
 * stock at the end of the day, NaN before the first count.
 */
export type PairHistory = Readonly<{
  storeId: number;
  itemId: number;
  days: Int32Array;
  demand: Float64Array;
  closing: Float64Array;
}>;

/** A store's demand on the closed days that have any, ascending. */
export type StoreHistory = Readonly<{ storeId: number; days: Int32Array; units: Float64Array }>;

/** Longest time that an empty shelf explains missing sales: after it, no sale means no demand. */
const mostCensoredDays = 28;

/**
 * The daily demand that levels are made from: every known day after the one of the first sale until `until`
 * (exclusive). That first day is left out: it is there because something was sold, and would bias what follows.
 *
 * Not known are days on which the store was silent, and days without stock (final quantity ≤ 0) during which nothing
 * was sold, up to 28 in a row; an item that sells from an empty shelf has a wrong stock figure, not a stock-out.
 */
export type DemandSeries = Readonly<{
  /** Day of the first sale; undefined where nothing was ever sold. */
  firstSale: number | undefined;
  /** Demand of known days, never negative. */
  values: Float64Array;
  /** The day of each value. */
  days: Int32Array;
  /** Days without stock that were left out. */
  censored: Int32Array;
}>;

export function demandSeries(history: PairHistory, until: number, isSilent: (day: number) => boolean): DemandSeries {
  const { days, demand } = history;
  let at = 0;
  while (at < days.length && !((demand[at] as number) > 0)) at += 1;
  const firstSale = at < days.length ? (days[at] as number) : undefined;
  if (firstSale === undefined || firstSale + 1 >= until) {
    return { firstSale, values: new Float64Array(), days: new Int32Array(), censored: new Int32Array() };
  }
  const most = until - firstSale - 1;
  const values = new Float64Array(most);
  const kept = new Int32Array(most);
  const out = emptyShelfDays(history, at, until);
  const censored: number[] = [];
  let count = 0;
  at += 1;
  for (let day = firstSale + 1; day < until; day += 1) {
    const sold = days[at] === day ? Math.max(0, demand[at] as number) : 0;
    if (days[at] === day) at += 1;
    if (out.has(day)) censored.push(day);
    else if (sold > 0 || !isSilent(day)) {
      values[count] = sold;
      kept[count] = day;
      count += 1;
    }
  }
  return {
    firstSale,
    values: values.subarray(0, count),
    days: kept.subarray(0, count),
    censored: Int32Array.from(censored),
  };
}

/** Whole days between a closing at or below 0 and the next event, as long as none of the spell's events sells. */
function emptyShelfDays({ days, demand, closing }: PairHistory, from: number, until: number): Set<number> {
  const out = new Set<number>();
  let at = from;
  while (at < days.length) {
    if (!((closing[at] as number) <= 0)) {
      at += 1;
      continue;
    }
    const empty = days[at] as number;
    let next = at + 1;
    let sold = false;
    while (next < days.length && (closing[next] as number) <= 0) {
      sold ||= (demand[next] as number) > 0;
      next += 1;
    }
    const filled = days[next] ?? until;
    if (!sold) for (let day = empty + 1; day < filled && day <= empty + mostCensoredDays; day += 1) out.add(day);
    at = next;
  }
  return out;
}

const usualGaps = 0.9;
const gapsBeyond = 3;

/**
 * Days on which a store said nothing for longer than it ever does: gaps between its days of at least `silentDays` days
 * and three times its usual one (the 90 % quantile). What it sold then is unknown, not zero.
 */
export function silentDaysOf(store: StoreHistory, until: number, silentDays: number): Set<number> {
  const silent = new Set<number>();
  const gaps = Array.from(store.days, (day, at) => (store.days[at + 1] ?? until) - day - 1);
  const usual = [...gaps.slice(0, -1)].sort((a, b) => a - b)[Math.floor(usualGaps * (gaps.length - 1))] ?? 0;
  const least = Math.max(silentDays, gapsBeyond * (usual + 1));
  gaps.forEach((gap, at) => {
    if (gap < least) return;
    for (let day = (store.days[at] as number) + 1; day <= (store.days[at] as number) + gap; day += 1) silent.add(day);
  });
  return silent;
}

const weekdayWindowDays = 56;
const priorWeeks = 4;

/**
 * How a store's demand spreads over the week before `until`: a factor for each weekday from Monday on, 1 on average,
 * drawn to 1 with the weight of four weeks (notes on forecasting, 2).
 */
export function weekdayFactors(store: StoreHistory, until: number): Float64Array {
  const sums = new Float64Array(7);
  let first = Number.POSITIVE_INFINITY;
  for (let at = store.days.length - 1; at >= 0; at -= 1) {
    const day = store.days[at] as number;
    if (day < until - weekdayWindowDays) break;
    if (day >= until) continue;
    first = day;
    const weekday = weekdayOf(day);
    sums[weekday] = (sums[weekday] as number) + Math.max(0, store.units[at] as number);
  }
  const total = sums.reduce((sum, units) => sum + units, 0);
  if (total <= 0) return new Float64Array(7).fill(1);
  const weeks = Math.max(1, (until - first) / 7);
  return sums.map((units) => (weeks * ((units * 7) / total) + priorWeeks) / (weeks + priorWeeks));
}
