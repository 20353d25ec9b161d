import { linearRegression } from 'simple-statistics';
import { addMonths, monthIndex, monthOf } from './calendar.ts';

/** Units sold in the months that have any, `month` as `yyyy-MM-01`; any order, each month once. */
export type MonthUnits = { readonly month: string; readonly units: number };

export type TrendInput = {
  readonly months: readonly MonthUnits[];
  /** Month of the first sale, undefined if it never sold. */
  readonly firstSaleMonth: string | undefined;
  /** Date of the first event of any kind of the store (or of the stores that a level adds up). */
  readonly firstEventDate: string;
  /** Month of as_of: open, so not in the fit. */
  readonly openMonth: string;
};

/**
 * The linear trend for the month after `openMonth`, at most 3 decimals, never below 0; undefined with fewer than two
 * complete months. Fit over complete calendar months with zeros counted from the first sale on; a first month that
 * began after the 1st is not complete. Source: product.md, The linear trend.
 */
export function linearTrend(input: TrendInput): number | undefined {
  const { firstSaleMonth, firstEventDate, openMonth } = input;
  if (firstSaleMonth === undefined) return undefined;
  const began = monthOf(firstEventDate);
  const partial = firstEventDate.slice(8, 10) !== '01';
  const firstComplete = partial ? addMonths(began, 1) : began;
  const from = Math.max(monthIndex(firstSaleMonth), monthIndex(firstComplete));
  const until = monthIndex(openMonth);
  if (until - from < 2) return undefined;
  const units = new Float64Array(until - from);
  for (const month of input.months) {
    const at = monthIndex(month.month) - from;
    if (at >= 0 && at < units.length) units[at] = month.units;
  }
  const { m, b } = linearRegression(Array.from(units, (value, at) => [at, value]));
  const estimate = m * (units.length + 1) + b;
  return Math.round(Math.max(0, estimate) * 1000) / 1000 + 0;
}
