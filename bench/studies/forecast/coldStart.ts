import { demandSeries, type PairHistory, silentDaysOf } from '../../../lib/core/forecast/history.ts';
import { levelsAfter } from '../../../lib/core/forecast/level.ts';
import { clustersAt } from './clusterStability.ts';
import type { DaySeries } from './daySeries.ts';

const targetDays = 28;
const shortDays = 28;
const youngDays = 60;
const silentDays = 7;
const firstOrigin = 84;

/** Where the prior's daily demand comes from: the store's or the cluster's young pairs, or the pair's own alone. */
export const priors = ['own', 'store', 'cluster'] as const;
export type Prior = (typeof priors)[number];

/** WAPE and bias of the units of 28 days, of pairs with fewer than 28 known days; `pairs` counts origin by origin. */
export type ColdStartRow = Readonly<{
  prior: Prior;
  history: string;
  pairs: number;
  units: number;
  wape: number;
  bias: number;
}>;

const bands = [
  { history: '1 to 6 days', from: 1, until: 7 },
  { history: '7 to 13 days', from: 7, until: 14 },
  { history: '14 to 27 days', from: 14, until: shortDays },
  { history: 'all', from: 1, until: shortDays },
] as const;

type Short = Readonly<{ known: number; actual: number; forecast: Readonly<Record<Prior, number>> }>;

/**
 * Whether a prior helps pairs with a short history: (n · own + priorDays · pool) / (n + priorDays) against own alone, on origins every
 * 28 days. pool = mean daily demand of the pairs with a first sale less than 60 days ago, of the store or of the item's
 * cluster (over all stores); the store's where the item has no cluster, own where there is none.
 */
export function coldStart(series: DaySeries, priorDays = 28): ColdStartRow[] {
  const shorts: Short[] = [];
  const silent = new Map(series.stores.map((store) => [store.storeId, silentDaysOf(store, series.until, silentDays)]));
  for (let day = series.firstDay + firstOrigin; day + targetDays <= series.until; day += targetDays) {
    shorts.push(...shortHistories(series.pairs, silent, day, priorDays));
  }
  return bands.flatMap(({ history, from, until }) => {
    const seen = shorts.filter(({ known }) => known >= from && known < until);
    const units = seen.reduce((sum, { actual }) => sum + actual, 0);
    return priors.map((prior) => {
      const errors = seen.map(({ forecast, actual }) => forecast[prior] - actual);
      const wape = errors.reduce((sum, error) => sum + Math.abs(error), 0) / units;
      return { prior, history, pairs: seen.length, units, wape, bias: errors.reduce((sum, e) => sum + e, 0) / units };
    });
  });
}

function shortHistories(
  pairs: readonly PairHistory[],
  silent: ReadonlyMap<number, ReadonlySet<number>>,
  day: number,
  priorDays: number,
): Short[] {
  const young = pairs.flatMap((pair) => {
    const known = demandSeries(pair, day, (at) => silent.get(pair.storeId)?.has(at) ?? false);
    if (known.firstSale === undefined || day - known.firstSale >= youngDays || known.values.length === 0) return [];
    const own = levelsAfter(known.values, [known.values.length]).combined[0] as number;
    return [{ pair, known: known.values, own }];
  });
  const clusterOf = clustersAt(pairs, day);
  const storeMean = means(young, ({ pair }) => pair.storeId);
  const clusterMean = means(young, ({ pair }) => clusterOf.get(pair.itemId));
  return young
    .filter(({ known }) => known.length < shortDays)
    .map(({ pair, known, own }) => {
      const ofStore = storeMean.get(pair.storeId) ?? own;
      const ofCluster = clusterMean.get(clusterOf.get(pair.itemId)) ?? ofStore;
      const blend = (pool: number) => (known.length * own + priorDays * pool) / (known.length + priorDays);
      return {
        known: known.length,
        actual: unitsIn(pair, day, day + targetDays),
        forecast: { own: targetDays * own, store: targetDays * blend(ofStore), cluster: targetDays * blend(ofCluster) },
      };
    });
}

type Young = Readonly<{ pair: PairHistory; known: Float64Array }>;

/** Mean daily demand of the pairs of each key, days counted alike. */
function means<Key>(young: readonly Young[], keyOf: (one: Young) => Key): Map<Key, number> {
  const sums = new Map<Key, { units: number; days: number }>();
  for (const one of young) {
    const sum = sums.get(keyOf(one)) ?? { units: 0, days: 0 };
    sum.units += one.known.reduce((all, units) => all + units, 0);
    sum.days += one.known.length;
    sums.set(keyOf(one), sum);
  }
  return new Map([...sums].map(([key, { units, days }]) => [key, units / days]));
}

function unitsIn({ days, demand }: PairHistory, from: number, until: number): number {
  return demand.reduce((sum, units, at) => {
    const day = days[at] as number;
    return day >= from && day < until ? sum + Math.max(0, units) : sum;
  }, 0);
}
