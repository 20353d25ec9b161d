import { demandClasses } from '../forecast/demandClass.ts';
import type { Clustering } from './clusterItems.ts';
import { dayParts, featureColumns, type ItemFeatures } from './itemFeatures.ts';

const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const months = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];
/** Half a standard deviation of log demand above or below the average item. */
const levelCut = 0.5;
/** A bucket stands out from here on, against the average item. */
const peakFrom = 1.15;
/** The cuts of Syntetos, Boylan & Croston 2005, as features are kept. */
const adiCut = Math.log(1.32);
const variationCut = Math.log1p(0.49);

/**
 * A name for each cluster that says what it is: how much (fast, medium, slow), how regular (smooth, erratic,
 * intermittent, lumpy), and the part of the day, weekday or month that stands out most, if any. Clusters that would share
 * a name are numbered from the second on, that of the highest demand first. @example 'fast-smooth-morning'
 */
export function clusterNames(features: ItemFeatures, { centroids, assigned }: Clustering): string[] {
  const { raw, columns } = features;
  const all = new Float64Array(columns);
  const means = centroids.map(() => new Float64Array(columns));
  const sizes = centroids.map(() => 0);
  assigned.forEach((to, at) => {
    sizes[to] = (sizes[to] as number) + 1;
    for (let column = 0; column < columns; column += 1) {
      const value = raw[at * columns + column] as number;
      const mean = means[to] as Float64Array;
      mean[column] = (mean[column] as number) + value;
      all[column] = (all[column] as number) + value / assigned.length;
    }
  });
  means.forEach((mean, at) => {
    for (let column = 0; column < columns; column += 1) mean[column] = (mean[column] as number) / (sizes[at] as number);
  });
  const names = means.map((mean, at) => nameOf(mean, all, (centroids[at] as Float64Array)[0] as number));
  return numbered(names, means);
}

/** `level`: the centroid's log demand in standard deviations. */
function nameOf(mean: Float64Array, all: Float64Array, level: number): string {
  const amount = level > levelCut ? 'fast' : level < -levelCut ? 'slow' : 'medium';
  const regularity =
    ((mean[featureColumns.adi] as number) >= adiCut ? 2 : 0) +
    ((mean[featureColumns.variation] as number) >= variationCut ? 1 : 0);
  const words = [...weekdays, ...dayParts, ...months];
  let peak = -1;
  let most = peakFrom;
  for (let column: number = featureColumns.weekdays; column < mean.length; column += 1) {
    const ratio = (mean[column] as number) / (all[column] as number);
    if (ratio >= most) {
      most = ratio;
      peak = column - featureColumns.weekdays;
    }
  }
  return [amount, demandClasses[regularity], ...(peak < 0 ? [] : [words[peak]])].join('-');
}

function numbered(names: readonly string[], means: readonly Float64Array[]): string[] {
  const byDemand = names.map((_, at) => at).sort((a, b) => (means[b]?.[0] as number) - (means[a]?.[0] as number));
  const seen = new Map<string, number>();
  const unique = [...names];
  for (const at of byDemand) {
    const name = names[at] as string;
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    if (times > 1) unique[at] = `${name}-${times}`;
  }
  return unique;
}
