import { monthDays } from '../forecast/calendarDays.ts';

/**
 * What one item sold over all stores on the closed days of a window, added up. Units, never negative; cancelled sales
 * and the online store's bopis are no demand (product.md, units_sold).
 */
export type ItemDemand = Readonly<{
  itemId: number;
  /** Days of the window since the item's first sale. */
  days: number;
  /** Days with demand, and the sums of their units and squared units. */
  demandDays: number;
  units: number;
  sumOfSquares: number;
  /** Units by weekday from Monday on (7), by month from January on (12), by hour of the day (24). */
  weekdays: Float64Array;
  months: Float64Array;
  hours: Float64Array;
}>;

/** Days that the window of weekday and month sums holds: one year, so that no month counts twice. */
export const windowDays = 365;
/** Hours come from the newest eight weeks. */
export const hourDays = 56;
/** An item that sold nothing for so long is in no cluster. */
export const activeDays = 92;
/** A season is learned from 13 months on. */
export const seasonMonths = 13;
const leastDays = 28;

/**
 * The day (a day number) that clusters are made for: the first of the month of `asOf`, so that they keep their items and
 * names for a month; `asOf` itself while there are less than 28 days before that.
 */
export function clusterDay(asOf: number, firstDay: number): number {
  const { from } = monthDays(asOf);
  return from - firstDay >= leastDays ? from : asOf;
}
