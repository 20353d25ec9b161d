import type { ItemFeatures } from './itemFeatures.ts';

/** `assigned[n]`: the centroid (place in `centroids`) nearest to the nth item. Each centroid has an item. */
export type Clustering = Readonly<{ centroids: readonly Float64Array[]; assigned: Int32Array }>;

const mostFitted = 10_000;
const mostRounds = 50;

/**
 * k-means (Lloyd 1982) from a start without chance (Var-Part of Su & Dy 2007), which one more day of data moves less than
 * the draws of k-means++. Fitted on at most 10,000 items, the rest go to the nearest centroid; fewer than `k` clusters
 * where items are alike.
 */
export function clusterItems(features: ItemFeatures, k: number): Clustering {
  const rows = features.itemIds.map((_, at) => rowOf(features, at));
  const centroids = settle(sampleOf(features.itemIds, rows), k);
  return withoutEmpty(centroids, assign(rows, centroids));
}

function rowOf({ columns, scaled }: ItemFeatures, at: number): Float64Array {
  return scaled.subarray(at * columns, (at + 1) * columns);
}

/** The same items whichever others there are, as long as they are drawn at all. */
function sampleOf(ids: readonly number[], rows: readonly Float64Array[]): readonly Float64Array[] {
  if (ids.length <= mostFitted) return rows;
  return ids
    .map((id, at) => ({ at, order: mixed(id) }))
    .sort((a, b) => a.order - b.order || a.at - b.at)
    .slice(0, mostFitted)
    .sort((a, b) => a.at - b.at)
    .map(({ at }) => rows[at] as Float64Array);
}

function settle(rows: readonly Float64Array[], k: number): Float64Array[] {
  const centroids = firstCentroids(rows, k);
  let assigned = assign(rows, centroids);
  for (let round = 0; round < mostRounds; round += 1) {
    moveToMeans(rows, assigned, centroids);
    const next = assign(rows, centroids);
    const still = next.every((to, at) => to === assigned[at]);
    assigned = next;
    if (still) break;
  }
  return centroids;
}

/** Means of groups: the widest group is cut at the mean of the column that it spreads most in, until there are `k`. */
function firstCentroids(rows: readonly Float64Array[], k: number): Float64Array[] {
  const groups = rows.length === 0 ? [] : [spreadOf(rows)];
  while (groups.length > 0 && groups.length < k) {
    const widest = groups.reduce((wide, group) => (group.distance > wide.distance ? group : wide));
    const { mean, widestColumn: column } = widest;
    const below = widest.rows.filter((row) => (row[column] as number) <= (mean[column] as number));
    const above = widest.rows.filter((row) => (row[column] as number) > (mean[column] as number));
    // Rows that are alike, rounding aside, cannot be cut.
    if (!(widest.distance > 1e-9) || below.length === 0 || above.length === 0) break;
    groups.splice(groups.indexOf(widest), 1, spreadOf(below), spreadOf(above));
  }
  return groups.map(({ mean }) => mean);
}

type Group = Readonly<{ rows: readonly Float64Array[]; mean: Float64Array; distance: number; widestColumn: number }>;

function spreadOf(rows: readonly Float64Array[]): Group {
  const mean = new Float64Array(rows[0]?.length ?? 0);
  moveToMeans(rows, new Int32Array(rows.length), [mean]);
  const squares = mean.map((middle, column) =>
    rows.reduce((sum, row) => sum + ((row[column] as number) - middle) ** 2, 0),
  );
  const most = Math.max(...squares);
  return { rows, mean, distance: squares.reduce((sum, one) => sum + one, 0), widestColumn: squares.indexOf(most) };
}

/** A centroid that has lost its items stays where it is. */
function moveToMeans(rows: readonly Float64Array[], assigned: Int32Array, centroids: readonly Float64Array[]): void {
  const sizes = new Int32Array(centroids.length);
  for (const to of assigned) sizes[to] = (sizes[to] as number) + 1;
  centroids.forEach((centroid, at) => {
    if ((sizes[at] as number) > 0) centroid.fill(0);
  });
  rows.forEach((row, at) => {
    const centroid = centroids[assigned[at] as number] as Float64Array;
    for (let column = 0; column < row.length; column += 1) {
      centroid[column] = (centroid[column] as number) + (row[column] as number);
    }
  });
  centroids.forEach((centroid, at) => {
    const size = sizes[at] as number;
    if (size > 0)
      for (let column = 0; column < centroid.length; column += 1)
        centroid[column] = (centroid[column] as number) / size;
  });
}

/** The nearest centroid of each row. */
function assign(rows: readonly Float64Array[], centroids: readonly Float64Array[]): Int32Array {
  return Int32Array.from(rows, (row) => {
    let nearest = 0;
    let least = Number.POSITIVE_INFINITY;
    centroids.forEach((centroid, to) => {
      const distance = squaredDistance(row, centroid);
      if (distance >= least) return;
      least = distance;
      nearest = to;
    });
    return nearest;
  });
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

/** An order of ids that is like chance, and always the same (the last step of murmur3 by Appleby). */
function mixed(id: number): number {
  let bits = (id % 4_294_967_296) ^ Math.floor(id / 4_294_967_296);
  for (const factor of [0x85ebca6b, 0xc2b2ae35]) bits = Math.imul(bits ^ (bits >>> 15), factor);
  return (bits ^ (bits >>> 16)) >>> 0;
}
