import { itemClusters } from '../../../lib/core/cluster/itemClusters.ts';
import { activeDays, type ItemDemand, windowDays } from '../../../lib/core/cluster/itemDemand.ts';
import { dateOf, monthDays, weekdayOf } from '../../../lib/core/forecast/calendarDays.ts';
import type { PairHistory } from '../../../lib/core/forecast/history.ts';
import type { DaySeries } from './daySeries.ts';

const fewestDays = 84;

/** Of the items in a cluster at the first of two months: the share whose cluster has the same name at both. */
export type StabilityRow = Readonly<{ month: string; items: number; sameName: number }>;

/** How far clusters stay from one month to the next. Series have no hours, so the day's parts play no part here. */
export function clusterStability(series: DaySeries): StabilityRow[] {
  const rows: StabilityRow[] = [];
  let before: ReadonlyMap<number, string> | undefined;
  for (
    let month = monthDays(series.firstDay + fewestDays, 1);
    month.from <= series.until;
    month = monthDays(month.until)
  ) {
    const now = clustersAt(series.pairs, month.from);
    const both = [...(before ?? [])].filter(([itemId]) => now.has(itemId));
    const same = both.filter(([itemId, name]) => now.get(itemId) === name).length;
    if (both.length > 0) rows.push({ month: dateOf(month.from), items: both.length, sameName: same / both.length });
    before = now;
  }
  return rows;
}

/** Clusters of items by what was sold before `day`; hours are not in these series, so the day's parts play no part. */
export function clustersAt(pairs: readonly PairHistory[], day: number): ReadonlyMap<number, string> {
  const items = new Map<number, Map<number, number>>();
  const firsts = new Map<number, number>();
  for (const { itemId, days, demand } of pairs) {
    const sold = items.get(itemId) ?? new Map<number, number>();
    items.set(itemId, sold);
    days.forEach((at, place) => {
      if (at >= day || !((demand[place] as number) > 0)) return;
      firsts.set(itemId, Math.min(firsts.get(itemId) ?? at, at));
      if (at >= day - windowDays) sold.set(at, (sold.get(at) ?? 0) + (demand[place] as number));
    });
  }
  const demands = [...items].flatMap(([itemId, sold]): ItemDemand[] => {
    const first = firsts.get(itemId);
    if (first === undefined || Math.max(...sold.keys()) < day - activeDays) return [];
    const sums = { demandDays: 0, units: 0, sumOfSquares: 0 };
    const [weekdays, months] = [new Float64Array(7), new Float64Array(12)];
    for (const [at, units] of sold) {
      sums.demandDays += 1;
      sums.units += units;
      sums.sumOfSquares += units * units;
      add(weekdays, weekdayOf(at), units);
      add(months, monthDays(at).index % 12, units);
    }
    const days = day - Math.max(first, day - windowDays);
    return [{ itemId, days, ...sums, weekdays, months, hours: new Float64Array(24) }];
  });
  return itemClusters(demands, false).clusterOf;
}

function add(sums: Float64Array, at: number, units: number): void {
  sums[at] = (sums[at] as number) + units;
}
