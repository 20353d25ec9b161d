import type { ItemFeatures } from './itemFeatures.ts';

/** `assigned[n]`: the centroid (place in `centroids`) nearest to the nth item. Each centroid has an item. */
export type Clustering = Readonly<{ centroids: readonly Float64Array[]; assigned: Int32Array }>;

const mostFitted = 10_000;
const starts = 4;
const mostRounds = 50;

/**
 * k-means (Lloyd 1982) from k-means++ starts (Arthur & Vassilvitskii 2007), the start with the least squared distance
 * winning. Fitted on at most 10,000 items; fewer than `k` clusters where items are alike.
 *
 * Each choice is a number of the seed and of the item's own id: another item or another day of data leaves nearly all
 * choices as they were, which a generator that draws one number after the other would not.
 */
export function clusterItems(features: ItemFeatures, k: number, seed: number): Clustering {
  const sample = sampleOf(features, seed);
  let best: { centroids: Float64Array[]; distance: number } | undefined;
  for (let start = 0; start < starts; start += 1) {
    const settled = settle(sample, firstCentroids(sample, k, seed + start));
    if (best === undefined || settled.distance < best.distance) best = settled;
  }
  const { rows } = pointsOf(features);
  const { assigned } = assign(rows, best?.centroids ?? []);
  return withoutEmpty(best?.centroids ?? [], assigned);
}

type Points = Readonly<{ ids: readonly number[]; rows: readonly Float64Array[] }>;

function pointsOf({ itemIds, columns, scaled }: ItemFeatures): Points {
  return { ids: itemIds, rows: itemIds.map((_, at) => scaled.subarray(at * columns, (at + 1) * columns)) };
}

function sampleOf(features: ItemFeatures, seed: number): Points {
  const { ids, rows } = pointsOf(features);
  if (ids.length <= mostFitted) return { ids, rows };
  const drawn = ids
    .map((id, at) => ({ at, order: uniform(seed, id) }))
    .sort((a, b) => a.order - b.order || a.at - b.at)
    .slice(0, mostFitted)
    .sort((a, b) => a.at - b.at);
  return { ids: drawn.map(({ at }) => ids[at] as number), rows: drawn.map(({ at }) => rows[at] as Float64Array) };
}

/**
 * k-means++: each next centroid an item, drawn with the weight of its squared distance to the nearest one so far. Drawn
 * as a race: the least −ln(u)/weight wins (Efraimidis & Spirakis 2006).
 */
function firstCentroids({ ids, rows }: Points, k: number, seed: number): Float64Array[] {
  const centroids: Float64Array[] = [];
  const weights = new Float64Array(rows.length).fill(1);
  while (centroids.length < k) {
    let winner = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let at = 0; at < rows.length; at += 1) {
      const time = -Math.log(uniform(seed * 1000 + centroids.length, ids[at] as number)) / (weights[at] as number);
      if (time < least) {
        least = time;
        winner = at;
      }
    }
    // No item is away from all centroids: they are alike, or there is none.
    if (winner < 0) return centroids;
    const chosen = Float64Array.from(rows[winner] as Float64Array);
    centroids.push(chosen);
    for (let at = 0; at < rows.length; at += 1) {
      const distance = squaredDistance(rows[at] as Float64Array, chosen);
      weights[at] = centroids.length === 1 ? distance : Math.min(weights[at] as number, distance);
    }
  }
  return centroids;
}

function settle({ rows }: Points, centroids: Float64Array[]): { centroids: Float64Array[]; distance: number } {
  let { assigned, distance } = assign(rows, centroids);
  for (let round = 0; round < mostRounds; round += 1) {
    moveToMeans(rows, assigned, centroids);
    const next = assign(rows, centroids);
    const still = next.assigned.every((to, at) => to === assigned[at]);
    ({ assigned, distance } = next);
    if (still) break;
  }
  return { centroids, distance };
}

/** A centroid that has lost its items stays where it is. */
function moveToMeans(rows: readonly Float64Array[], assigned: Int32Array, centroids: readonly Float64Array[]): void {
  const sizes = new Int32Array(centroids.length);
  for (const to of assigned) sizes[to] = (sizes[to] as number) + 1;
  centroids.forEach((centroid, at) => {
    if ((sizes[at] as number) > 0) centroid.fill(0);
  });
  rows.forEach((row, at) => {
    const to = assigned[at] as number;
    const centroid = centroids[to] as Float64Array;
    for (let column = 0; column < row.length; column += 1) {
      centroid[column] = (centroid[column] as number) + (row[column] as number) / (sizes[to] as number);
    }
  });
}

function assign(
  rows: readonly Float64Array[],
  centroids: readonly Float64Array[],
): { assigned: Int32Array; distance: number } {
  const assigned = new Int32Array(rows.length);
  let sum = 0;
  rows.forEach((row, at) => {
    let least = Number.POSITIVE_INFINITY;
    centroids.forEach((centroid, to) => {
      const distance = squaredDistance(row, centroid);
      if (distance >= least) return;
      least = distance;
      assigned[at] = to;
    });
    sum += least;
  });
  return { assigned, distance: sum };
}

function withoutEmpty(centroids: readonly Float64Array[], assigned: Int32Array): Clustering {
  const used = [...new Set(assigned)].sort((a, b) => a - b);
  const places = new Map(used.map((from, to) => [from, to]));
  return {
    centroids: used.map((at) => centroids[at] as Float64Array),
    assigned: assigned.map((from) => places.get(from) as number),
  };
}

function squaredDistance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += ((a[at] as number) - (b[at] as number)) ** 2;
  return sum;
}

/** A number in (0, 1) of a seed and an id, as if drawn (the mixing of murmur3 by Appleby). */
function uniform(seed: number, id: number): number {
  let mixed =
    Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(id % 4_294_967_296, 0x85ebca6b) ^ Math.floor(id / 4_294_967_296);
  for (const factor of [0x85ebca6b, 0xc2b2ae35]) mixed = Math.imul(mixed ^ (mixed >>> 15), factor);
  return (((mixed ^ (mixed >>> 16)) >>> 0) + 0.5) / 4_294_967_296;
}
