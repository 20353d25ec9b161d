import { weekdayOf } from './calendarDays.ts';
import { type StoreHistory, silentDaysOf, weekdayFactors } from './history.ts';
import { type DayRange, isComplete, type Origin, type Origins } from './origins.ts';
import { type DailyTotals, seasonalRatio } from './season.ts';

/**
 * What of a store the figures of its pairs are made under (`pairBasis`). It seldom changes, and with it all of them are
 * to be made anew.
 */
export type StoreGround = Readonly<{ storeId: number; firstDay: number; silent: ReadonlySet<number> }>;

export function storeGround(store: StoreHistory, asOf: number, silentDays: number): StoreGround {
  return {
    storeId: store.storeId,
    firstDay: store.days[0] ?? asOf,
    silent: silentDaysOf(store, asOf, silentDays),
  };
}

/**
 * What all pairs of a store share, an element for each origin, the past ones first and the present last. It moves with
 * every late sale of the store, so that it is applied to the pairs' figures (`pairForecast`) and not stored in them.
 * `rest` and `next` are days weighted by weekday and season: level × days = units.
 */
export type StoreOutlook = Readonly<{
  /** From the origin to the end of its current month. */
  rest: Float64Array;
  next: Float64Array;
  /** 1 where the target is complete and the store was not silent in it, so that it can be scored. */
  scoresCurrent: Uint8Array;
  scoresNext: Uint8Array;
}>;

/** Longer silences make a target unfit to be scored. */
const mostSilentShare = 0.1;

export function storeOutlook(
  store: StoreHistory,
  origins: Origins,
  totals: DailyTotals,
  silent: ReadonlySet<number>,
): StoreOutlook {
  const asOf = origins.present.day;
  const all = [...origins.past, origins.present];
  const silentIn = ({ from, until }: DayRange) => {
    let count = 0;
    for (let day = from; day < until; day += 1) if (silent.has(day)) count += 1;
    return count / (until - from);
  };
  const scores = (target: (origin: Origin) => DayRange) =>
    Uint8Array.from(all, (origin) => {
      const range = target(origin);
      return isComplete(range, asOf) && silentIn(range) <= mostSilentShare ? 1 : 0;
    });
  const factors = all.map((origin) => weekdayFactors(store, origin.day));
  const weigh = (target: (origin: Origin) => DayRange) =>
    Float64Array.from(all, (origin, at) => {
      const { from, until } = target(origin);
      let days = 0;
      for (let day = from; day < until; day += 1) days += factors[at]?.[weekdayOf(day)] ?? 1;
      return days * seasonalRatio(totals, origin.day, { from, until });
    });
  return {
    rest: weigh((origin) => ({ from: origin.day, until: origin.current.until })),
    next: weigh((origin) => origin.next),
    scoresCurrent: scores((origin) => origin.current),
    scoresNext: scores((origin) => origin.next),
  };
}
