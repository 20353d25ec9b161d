import { calendarOf, weekdayOf } from './localTime.ts';
import { openingHours, type Store } from './stores.ts';

// Hour of the day (0-23), weekday (Sunday first) and month: relative, the scale is worked out in linesScale.
const shopHours = [
  0, 0, 0, 0, 0, 0, 0, 0.3, 0.5, 0.6, 0.9, 1.1, 1.25, 1.1, 0.95, 1, 1.15, 1.35, 1.2, 0.8, 0.5, 0.3, 0, 0,
];
const webHours = [
  0.35, 0.2, 0.12, 0.08, 0.08, 0.12, 0.3, 0.6, 0.8, 0.95, 1.05, 1.1, 1.2, 1.1, 1, 1, 1.05, 1.1, 1.25, 1.55, 1.8, 1.65,
  1.15, 0.7,
];
const shopWeekdays = [0.75, 0.85, 0.85, 0.9, 1, 1.2, 1.45];
const webWeekdays = [1.2, 1.1, 1, 0.95, 0.95, 0.9, 0.9];
const months = [0.88, 0.86, 0.93, 0.97, 1, 1, 0.95, 0.94, 0.99, 1.04, 1.2, 1.42];
const yearlyGrowth = 0.08;

/** Demand of a day relative to others: month (linear between the middles of months), weekday and steady growth. */
export function dayDemand(store: Store, day: number, firstDay: number): number {
  const weekdays = store.region === null ? webWeekdays : shopWeekdays;
  return seasonOfDay(day) * (weekdays[weekdayOf(day)] ?? 1) * (1 + (yearlyGrowth * (day - firstDay)) / 365);
}

/** The month's shape alone, about 0.86 (February) to 1.42 (December). */
export function seasonOfDay(day: number): number {
  const { month, date } = calendarOf(day);
  const fromMiddle = (date - 15.5) / 30;
  const here = months[month - 1] ?? 1;
  const neighbour = months[(month - 1 + (fromMiddle < 0 ? 11 : 1)) % 12] ?? 1;
  return here + (neighbour - here) * Math.abs(fromMiddle);
}

/** Demand of a local hour (0-23) relative to others, opening hours not considered. */
export function hourDemand(store: Store, hour: number): number {
  return (store.region === null ? webHours : shopHours)[hour] ?? 0;
}

/** The factor that turns dayDemand × hourDemand into an average of one line per hour over `days` days, nights included. */
export function linesScale(store: Store, firstDay: number, days: number): number {
  let sum = 0;
  for (let day = firstDay; day < firstDay + days; day++) {
    const hours = openingHours(store, day);
    if (hours === null) continue;
    let open = 0;
    for (let hour = hours[0]; hour < hours[1]; hour++) open += hourDemand(store, hour);
    sum += open * dayDemand(store, day, firstDay);
  }
  return sum === 0 ? 1 : (24 * days) / sum;
}

/** Share of the chain's sale lines that a store makes; all shares add up to 1. */
export function salesShares(stores: readonly Store[]): readonly number[] {
  const shops = stores.slice(1);
  const web = Math.max(0.04, 1 / (1 + shops.length * 0.75));
  const sizes = shops.reduce((sum, shop) => sum + shop.size, 0);
  return stores.map((store) => (store.region === null ? web : ((1 - web) * store.size) / sizes));
}
