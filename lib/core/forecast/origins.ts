import { monthDays, monthsBefore } from './calendarDays.ts';

/** Days `from` ≤ day < `until`. */
export type DayRange = Readonly<{ from: number; until: number }>;

/**
 * A day on which a forecast is made from the closed days before it: of `current` (its month, whole) and of `next`.
 * Source: rolling origin evaluation (Tashman 2000); origins have the same lead as the real forecast, or its band would
 * be one of a shorter horizon.
 */
export type Origin = Readonly<{ day: number; current: DayRange; next: DayRange }>;

export type Origins = Readonly<{
  /** `month`: the same day of earlier months. `week`: too little history for that; 28 days from every seventh day. */
  every: 'month' | 'week';
  /** Oldest first; only those whose `current` is complete at the present. `next` may not be, see `isComplete`. */
  past: readonly Origin[];
  present: Origin;
}>;

const mostOrigins = 24;
const fewestMonths = 3;
const leastHistoryDays = 28;
const weekTargetDays = 28;

/** The present origin and those to score on, for data from `firstDay` on and closed days before `asOf`. */
export function originsOf(asOf: number, firstDay: number): Origins {
  const present = originAt(asOf);
  const months: Origin[] = [];
  for (let back = 1; back <= mostOrigins; back += 1) {
    const day = monthsBefore(asOf, back);
    if (day < firstDay + leastHistoryDays) break;
    months.unshift(originAt(day));
  }
  if (months.filter((origin) => isComplete(origin.next, asOf)).length >= fewestMonths) {
    return { every: 'month', past: months, present };
  }
  const weeks: Origin[] = [];
  for (let back = 0; back < mostOrigins; back += 1) {
    const day = asOf - weekTargetDays - 7 * back;
    if (day < firstDay + leastHistoryDays / 2) break;
    const target = { from: day, until: day + weekTargetDays };
    weeks.unshift({ day, current: target, next: target });
  }
  return { every: 'week', past: weeks, present };
}

export function isComplete(target: DayRange, asOf: number): boolean {
  return target.until <= asOf;
}

function originAt(day: number): Origin {
  return { day, current: monthDays(day), next: monthDays(day, 1) };
}
