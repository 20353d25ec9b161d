import type { ItemDemand } from './itemDemand.ts';

export const profileDimensions = ['hour', 'weekday', 'month'] as const;
export type ProfileDimension = (typeof profileDimensions)[number];

/**
 * How a cluster's units spread: `bucket` is hour 0–23, weekday 1–7 (Monday first) or month 1–12; `share` of its units in
 * the dimension; `index` = share over that of all clustered items, null where they sold nothing; `items` and `units` (of
 * the bucket).
 */
export type ProfileRow = Readonly<{
  clusterId: string;
  dimension: ProfileDimension;
  bucket: number;
  share: number;
  index: number | null;
  items: number;
  units: number;
}>;

/** Rows in order of cluster, dimension and bucket. A dimension without units has none; months only where `seasonal`. */
export function clusterProfile(
  demands: readonly ItemDemand[],
  clusterOf: ReadonlyMap<number, string>,
  seasonal: boolean,
): ProfileRow[] {
  const clustered = demands.filter(({ itemId }) => clusterOf.has(itemId));
  const dimensions = profileDimensions.filter((dimension) => seasonal || dimension !== 'month');
  const ofAll = dimensions.map((dimension) => sharesOf(unitsBy(clustered, dimension)));
  return [...new Set(clusterOf.values())].sort().flatMap((clusterId) => {
    const members = clustered.filter(({ itemId }) => clusterOf.get(itemId) === clusterId);
    return dimensions.flatMap((dimension, place) => {
      const units = unitsBy(members, dimension);
      const shares = sharesOf(units);
      return Array.from(shares, (share, at): ProfileRow => {
        const usual = ofAll[place]?.[at] as number;
        return {
          clusterId,
          dimension,
          bucket: dimension === 'hour' ? at : at + 1,
          share: rounded(share, 4),
          index: usual > 0 ? rounded(share / usual, 3) : null,
          items: members.length,
          units: units[at] as number,
        };
      });
    });
  });
}

/** Empty where there are no units. */
function sharesOf(units: Float64Array): Float64Array {
  const sum = units.reduce((all, value) => all + value, 0);
  return sum > 0 ? units.map((value) => value / sum) : new Float64Array();
}

function unitsBy(items: readonly ItemDemand[], dimension: ProfileDimension): Float64Array {
  const of = (item: ItemDemand) => ({ hour: item.hours, weekday: item.weekdays, month: item.months })[dimension];
  const sums = new Float64Array({ hour: 24, weekday: 7, month: 12 }[dimension]);
  for (const item of items)
    of(item).forEach((units, at) => {
      sums[at] = (sums[at] as number) + units;
    });
  return sums;
}

function rounded(value: number, decimals: number): number {
  return Math.round(value * 10 ** decimals) / 10 ** decimals;
}
