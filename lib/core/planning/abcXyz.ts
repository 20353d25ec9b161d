import { type MonthDays, monthDays } from '../forecast/calendarDays.ts';
import type { DemandSeries } from '../forecast/history.ts';

export type AbcClass = 'A' | 'B' | 'C';
export type XyzClass = 'X' | 'Y' | 'Z';

/**
 * ABC class of each pair by its units (of the newest 365 closed days): the fewest that make up the first cut's share of
 * all units are A, up to the second's B, the rest C, and so is what sold nothing. Of equal ones the earlier is first.
 * @param cuts shares of the total, as in ABC_CUTS
 */
export function abcClasses(units: Float64Array, cuts: readonly [number, number]): AbcClass[] {
  const classes: AbcClass[] = new Array<AbcClass>(units.length).fill('C');
  const order = Uint32Array.from(units.keys()).sort((a, b) => (units[b] as number) - (units[a] as number) || a - b);
  const total = units.reduce((sum, value) => sum + Math.max(0, value), 0);
  let before = 0;
  for (const at of order) {
    const value = units[at] as number;
    if (!(value > 0)) break;
    if (before < cuts[0] * total) classes[at] = 'A';
    else if (before < cuts[1] * total) classes[at] = 'B';
    before += value;
  }
  return classes;
}

const mostMonths = 12;
const fewestMonths = 3;
/** A month of which less is known says little about it. */
const fewestDays = 14;

/**
 * XYZ class by the coefficient of variation (population) of demand per known day over the newest 12 complete months,
 * so that neither a month's length nor days out of stock count as variation. Undefined with fewer than 3 months or no demand.
 * @param until day after the last closed one
 * @param cuts upper bounds of X and Y, as in XYZ_CUTS
 */
export function xyzClass(
  { firstSale, days, values }: DemandSeries,
  until: number,
  cuts: readonly [number, number],
): XyzClass | undefined {
  if (firstSale === undefined) return undefined;
  const rates: number[] = [];
  for (let back = 1; back <= mostMonths; back += 1) {
    const month = monthDays(until, -back);
    if (month.from <= firstSale) break;
    const rate = dailyRate(days, values, month);
    if (rate !== undefined) rates.push(rate);
  }
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  if (rates.length < fewestMonths || mean <= 0) return undefined;
  const variance = rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / rates.length;
  const cv = Math.sqrt(variance) / mean;
  if (cv <= cuts[0]) return 'X';
  return cv <= cuts[1] ? 'Y' : 'Z';
}

function dailyRate(days: Int32Array, values: Float64Array, month: MonthDays): number | undefined {
  let known = 0;
  let units = 0;
  for (let at = days.length - 1; at >= 0 && (days[at] as number) >= month.from; at -= 1) {
    if ((days[at] as number) >= month.until) continue;
    known += 1;
    units += values[at] as number;
  }
  return known < fewestDays ? undefined : units / known;
}
