import { type DemandSeries, demandSeries, silentDaysOf } from '../../../lib/core/forecast/history.ts';
import { levelsAfter } from '../../../lib/core/forecast/level.ts';
import { protectionPrefixes } from '../../../lib/core/planning/protectionScores.ts';
import type { DaySeries } from './daySeries.ts';

/** A pair as each review sees it. */
export type ReviewedPair = Readonly<{
  series: DemandSeries;
  /** Days known before each review. */
  known: Int32Array;
  /** Units a day after so many known days; only where a review or one of its past origins needs it. */
  levels: Float64Array;
}>;

const silentDays = 7;

/**
 * What a review at each of `reviewDays` (ascending) knows of each pair that was ever sold. A level knows nothing after
 * its day, so that all are made in one pass. Whether a store was silent is told with hindsight: such days are no targets.
 */
export function reviewedPairs(data: DaySeries, reviewDays: readonly number[], horizonDays: number): ReviewedPair[] {
  const silent = new Map(data.stores.map((store) => [store.storeId, silentDaysOf(store, data.until, silentDays)]));
  const reviewed: ReviewedPair[] = [];
  for (const pair of data.pairs) {
    const series = demandSeries(pair, data.until, (day) => silent.get(pair.storeId)?.has(day) === true);
    if (series.values.length === 0) continue;
    let at = 0;
    const known = Int32Array.from(reviewDays, (day) => {
      while (at < series.days.length && (series.days[at] as number) < day) at += 1;
      return at;
    });
    reviewed.push({ series, known, levels: levelsFor(series.values, known, horizonDays) });
  }
  return reviewed;
}

function levelsFor(values: Float64Array, known: Int32Array, horizonDays: number): Float64Array {
  const needed = new Set<number>();
  for (const count of known) for (const prefix of protectionPrefixes(count, horizonDays)) needed.add(prefix);
  const prefixes = Int32Array.from(needed).sort();
  const { combined } = levelsAfter(values, prefixes);
  const levels = new Float64Array(values.length + 1).fill(Number.NaN);
  prefixes.forEach((prefix, at) => {
    levels[prefix] = combined[at] as number;
  });
  return levels;
}
