import { monthsBefore } from './calendarDays.ts';
import type { DayRange } from './origins.ts';

/** Demand of the whole chain per day, from day `first` on. */
export type DailyTotals = Readonly<{ first: number; sums: Float64Array }>;

const baseDays = 28;
const shrink = 0.5;
const leastRatio = 0.5;
const mostRatio = 2;

/** Running sums of daily figures, so that any range costs one subtraction. `units[n]` is of day `first + n`. */
export function dailyTotals(first: number, units: Float64Array): DailyTotals {
  const sums = new Float64Array(units.length + 1);
  for (let at = 0; at < units.length; at += 1) sums[at + 1] = (sums[at] as number) + (units[at] as number);
  return { first, sums };
}

/**
 * How much more (or less) than on the 28 days before `day` is sold in `range`, by what happened in earlier years: their
 * ratios averaged as logarithms, drawn half the way to 1, kept within 0.5 and 2. 1 where no whole year is known: a
 * season is learned from 13 months on. Pooled over the chain, as one item's own index made forecasts worse (notes, 2).
 */
export function seasonalRatio(totals: DailyTotals, day: number, range: DayRange): number {
  let logs = 0;
  let years = 0;
  for (let back = 12; ; back += 12) {
    const then = monthsBefore(day, back);
    if (then - baseDays < totals.first) break;
    const base = meanOf(totals, then - baseDays, then);
    const length = range.until - range.from;
    const from = monthsBefore(range.from, back);
    const there = meanOf(totals, from, from + length);
    if (base > 0 && there > 0) {
      logs += Math.log(there / base);
      years += 1;
    }
  }
  if (years === 0) return 1;
  return Math.min(mostRatio, Math.max(leastRatio, Math.exp((shrink * logs) / years)));
}

function meanOf({ first, sums }: DailyTotals, from: number, until: number): number {
  const last = sums.length - 1;
  const at = (day: number) => sums[Math.min(last, Math.max(0, day - first))] as number;
  return (at(until) - at(from)) / (until - from);
}
