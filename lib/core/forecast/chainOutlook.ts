import type { StoreHistory } from './history.ts';
import type { Origins } from './origins.ts';
import { type DailyTotals, dailyTotals } from './season.ts';
import { type StoreGround, type StoreOutlook, storeGround, storeOutlook } from './storeOutlook.ts';

/** What the pairs of each store are made under, and what is applied to them afterwards. */
export type ChainOutlook = Readonly<{
  grounds: readonly StoreGround[];
  outlookOf(storeId: number): StoreOutlook;
}>;

/** `firstDay`: of the data, as a day number. Units of all stores are added up in their order, so that sums are the same. */
export function chainOutlook(
  stores: readonly StoreHistory[],
  origins: Origins,
  firstDay: number,
  silentDays: number,
): ChainOutlook {
  const asOf = origins.present.day;
  const totals = chainTotals(stores, firstDay, asOf);
  const grounds = stores.map((store) => storeGround(store, asOf, silentDays));
  const outlooks = new Map(
    stores.map((store, at) => [store.storeId, storeOutlook(store, origins, totals, grounds[at]?.silent ?? new Set())]),
  );
  // Of a store that never sold anything.
  const nothing = { storeId: Number.NaN, days: new Int32Array(), units: new Float64Array() };
  const none = storeOutlook(nothing, origins, totals, new Set());
  return { grounds, outlookOf: (storeId) => outlooks.get(storeId) ?? none };
}

function chainTotals(stores: readonly StoreHistory[], firstDay: number, asOf: number): DailyTotals {
  const units = new Float64Array(Math.max(0, asOf - firstDay));
  for (const store of stores) {
    store.days.forEach((day, at) => {
      units[day - firstDay] = (units[day - firstDay] as number) + (store.units[at] as number);
    });
  }
  return dailyTotals(firstDay, units);
}
