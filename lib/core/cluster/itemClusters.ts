import { clusterItems } from './clusterItems.ts';
import { clusterNames } from './clusterNames.ts';
import { clusterProfile, type ProfileRow } from './clusterProfile.ts';
import type { ItemDemand } from './itemDemand.ts';
import { itemFeatures } from './itemFeatures.ts';

/** The cluster of each item that has one, by item id, and the profiles of the clusters. */
export type ItemClusters = Readonly<{ clusterOf: ReadonlyMap<number, string>; profile: readonly ProfileRow[] }>;

const mostClusters = 8;
const fewestItemsEach = 10;

/**
 * Groups items by demand level, regularity, week, day and (where `seasonal`) year. `demands`: items with demand in the
 * newest 92 closed days, in any order. Eight clusters, fewer below 80 items.
 */
export function itemClusters(demands: readonly ItemDemand[], seasonal: boolean): ItemClusters {
  const sold = demands.filter(({ units, days }) => units > 0 && days > 0);
  const features = itemFeatures(sold, seasonal);
  const k = Math.max(1, Math.min(mostClusters, Math.floor(sold.length / fewestItemsEach)));
  const clustering = clusterItems(features, k);
  const names = clusterNames(features, clustering);
  const clusterOf = new Map(
    features.itemIds.map((itemId, at) => [itemId, names[clustering.assigned[at] as number] as string]),
  );
  return { clusterOf, profile: clusterProfile(sold, clusterOf, seasonal) };
}
