import { dayDemand, hourDemand, seasonOfDay } from './demand.ts';
import { calendarOf, offsetMinutes } from './localTime.ts';
import { Random } from './random.ts';
import { openingHours, type Store } from './stores.ts';

/** A store's local day. Minutes are local since 1970-01-01 0:00. */
export type Day = Readonly<{
  day: number;
  month: number;
  /** null where the store stays closed. */
  hours: Readonly<{ opens: number; closes: number }> | null;
  /** Demand of the day relative to others, its luck included. */
  demand: number;
  /** Month's shape alone, 1 = average: how far orders look ahead. */
  season: number;
  /** Positions of the assortment that are promoted this week. */
  promoted: readonly number[];
}>;

/** One UTC hour seen from a store: it lasts [start, start + 60) in local minutes; sales happen in [from, to), empty while closed. */
export type Clock = Readonly<{
  utcHour: number;
  start: number;
  today: Day;
  from: number;
  to: number;
  /** Demand of this hour relative to others, 0 while closed. */
  demand: number;
}>;

/** Local minutes between which the simulation runs, so that every store begins and ends at its own midnight. */
export type Limits = Readonly<{ firstDay: number; endMinute: number }>;

/** Reads a store's clock in a UTC hour (hours since 1970); `before` is the clock of the hour before, to reuse its day. */
export function readClock(
  store: Store,
  assortment: number,
  utcHour: number,
  seed: number,
  limits: Limits,
  before?: Clock,
): Clock {
  const start = utcHour * 60 + offsetMinutes(store.timeZone, utcHour);
  const day = Math.floor(start / 1440);
  const today = before?.today.day === day ? before.today : beginDay(store, assortment, day, seed, limits.firstDay);
  if (today.hours === null) return { utcHour, start, today, from: start, to: start, demand: 0 };
  const from = Math.max(start, limits.firstDay * 1440, today.hours.opens);
  const to = Math.max(from, Math.min(start + 60, limits.endMinute, today.hours.closes));
  const middle = Math.floor((((from + to) / 2) % 1440) / 60);
  const demand = (today.demand * hourDemand(store, middle) * (to - from)) / 60;
  return { utcHour, start, today, from, to, demand };
}

function beginDay(store: Store, assortment: number, day: number, seed: number, firstDay: number): Day {
  const hours = openingHours(store, day);
  // Weather and chance make whole days good or bad, which a Poisson number of receipts alone would not.
  const luck = 0.75 + 0.5 * new Random(seed ^ 0x10c4, store.id, day).next();
  return {
    day,
    month: calendarOf(day).month,
    hours: hours && { opens: day * 1440 + hours[0] * 60, closes: day * 1440 + hours[1] * 60 },
    demand: dayDemand(store, day, firstDay) * luck,
    season: seasonOfDay(day),
    promoted: promotedPositions(assortment, day, seed),
  };
}

/** About a fortieth of the assortment is promoted each week (Monday to Sunday), the same ranks in every store. */
function promotedPositions(assortment: number, day: number, seed: number): readonly number[] {
  const random = new Random(seed ^ 0x9204, 0, Math.floor((day + 3) / 7));
  const count = Math.min(50, Math.ceil(assortment / 40));
  return Array.from({ length: count }, () => Math.floor(random.next() * 0.6 * assortment));
}
