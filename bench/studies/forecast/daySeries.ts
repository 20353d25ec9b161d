import { readFileSync } from 'node:fs';
import { dayNumber } from '../../../lib/core/forecast/calendarDays.ts';
import type { PairHistory, StoreHistory } from '../../../lib/core/forecast/history.ts';

/** Daily demand of a data set, as the forecast takes it; stock is not known, `closing` is NaN. */
export type DaySeries = Readonly<{
  pairs: readonly PairHistory[];
  stores: readonly StoreHistory[];
  firstDay: number;
  /** Day after the last one. */
  until: number;
}>;

/** Adds lines up to days. */
export class PairDays {
  private readonly pairs = new Map<string, { storeId: number; itemId: number; units: Map<number, number> }>();

  add(storeId: number, itemId: number, day: number, units: number): void {
    const key = `${storeId} ${itemId}`;
    let pair = this.pairs.get(key);
    if (pair === undefined) {
      pair = { storeId, itemId, units: new Map() };
      this.pairs.set(key, pair);
    }
    pair.units.set(day, (pair.units.get(day) ?? 0) + units);
  }

  /** Sorted by store, item and day. */
  series(): DaySeries {
    const stores = new Map<number, Map<number, number>>();
    const pairs = [...this.pairs.values()]
      .sort((a, b) => a.storeId - b.storeId || a.itemId - b.itemId)
      .map(({ storeId, itemId, units }): PairHistory => {
        const ofStore = stores.get(storeId) ?? new Map<number, number>();
        stores.set(storeId, ofStore);
        for (const [day, sold] of units) ofStore.set(day, (ofStore.get(day) ?? 0) + sold);
        const { days, demand } = ascending(units);
        return { storeId, itemId, days, demand, closing: new Float64Array(days.length).fill(Number.NaN) };
      });
    const histories = [...stores].map(([storeId, units]): StoreHistory => {
      const { days, demand } = ascending(units);
      return { storeId, days, units: demand };
    });
    const bounds = histories.map(({ days }) => [days[0] as number, days[days.length - 1] as number] as const);
    return {
      pairs,
      stores: histories,
      firstDay: Math.min(...bounds.map(([first]) => first)),
      until: Math.max(...bounds.map(([, last]) => last)) + 1,
    };
  }
}

/** A prepared data set, CSV `store_id,item_id,date,units` with a row for each date with sales (bench/datasets). */
export function readDaySeries(csvPath: string): DaySeries {
  const pairs = new PairDays();
  for (const line of readFileSync(csvPath, 'utf8').trimEnd().split('\n').slice(1)) {
    const [storeId, itemId, date = '', units] = line.split(',');
    pairs.add(Number(storeId), Number(itemId), dayNumber(date), Number(units));
  }
  return pairs.series();
}

function ascending(units: ReadonlyMap<number, number>): { days: Int32Array; demand: Float64Array } {
  const days = Int32Array.from(units.keys()).sort();
  return { days, demand: Float64Array.from(days, (day) => units.get(day) as number) };
}
