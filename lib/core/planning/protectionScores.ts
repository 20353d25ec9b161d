/**
 * Errors of past forecasts over the protection interval (lead time + review period), for one pair.
 *
 * Each week, or with more than half a year of them every second week of the newest 52, so that a year's seasons are in
 * it, the level of that day times the interval's days is set against what its next days sold; only intervals that are
 * over, and in whole weeks from today, so that they begin on its weekday. Errors are signed and in units of √(forecast + 1), so that pairs can be
 * pooled. Source: split conformal prediction with a scale (Lei et al. 2018, J. Am. Stat. Assoc. 113).
 */
export type ProtectionScores = Readonly<{
  /** (units sold − forecast) / √(forecast + 1) of past intervals, oldest first. */
  scores: Float64Array;
  /** Which forecasts each is alike (`poolOf`), by what was known when it was made. */
  pools: Uint8Array;
  /** Of the interval from now on. */
  pool: number;
  scale: number;
}>;

const weekDays = 7;
const mostWeeks = 52;
const mostOrigins = 26;
const leastHistoryDays = 14;
const fewestErrors = 3;

/**
 * How many values each past forecast knew, ascending, and last that of the present: what `levelsAfter` is to be asked for.
 * @param count known days of the pair
 */
export function protectionPrefixes(count: number, horizonDays: number): Int32Array {
  const newest = count - weekDays * Math.ceil(horizonDays / weekDays);
  const weeks = Math.min(mostWeeks, Math.max(0, Math.floor((newest - leastHistoryDays) / weekDays) + 1));
  const step = weeks > mostOrigins ? 2 : 1;
  const origins = Math.ceil(weeks / step);
  const prefixes = Int32Array.from({ length: origins + 1 }, (_, at) => newest - weekDays * step * (origins - 1 - at));
  prefixes[origins] = count;
  return prefixes;
}

/**
 * @param values demand of known days (DemandSeries)
 * @param prefixes as `protectionPrefixes` gave them
 * @param levels units a day after each prefix
 */
export function protectionScores(
  values: Float64Array,
  horizonDays: number,
  prefixes: Int32Array,
  levels: ArrayLike<number>,
): ProtectionScores {
  const origins = prefixes.length - 1;
  const errors = new Float64Array(origins);
  const scores = new Float64Array(origins);
  const pools = new Uint8Array(origins);
  let known = 0;
  let squares = 0;
  const poolAt = (at: number, forecast: number) => {
    // What is not over yet at an origin is not known there.
    for (; known < at && (prefixes[known] as number) + horizonDays <= (prefixes[at] as number); known += 1) {
      squares += (errors[known] as number) ** 2;
    }
    return poolOf(forecast, known >= fewestErrors ? Math.sqrt(squares / known) : undefined);
  };
  for (let at = 0; at < origins; at += 1) {
    const from = prefixes[at] as number;
    const forecast = (levels[at] as number) * horizonDays;
    let sold = 0;
    for (let day = from; day < from + horizonDays; day += 1) sold += values[day] as number;
    pools[at] = poolAt(at, forecast);
    errors[at] = sold - forecast;
    scores[at] = (errors[at] as number) / protectionScale(forecast);
  }
  const forecast = (levels[origins] as number) * horizonDays;
  return { scores, pools, pool: poolAt(origins, forecast), scale: protectionScale(forecast) };
}

/** Units that a score of 1 stands for: the spread of counts grows with their root, and is not 0 where none is expected. */
export function protectionScale(forecast: number): number {
  return Math.sqrt(forecast + 1);
}

/** Forecasts of the same `unsureness`, whatever their volume, have pools of the same tens. */
export const volumeBands = 10;

/**
 * Forecasts that are alike: how wrong those before it were, in steps of two (a bin of its own with fewer than 3 of
 * them), and how much is expected, in steps of four. Pools by what is known beforehand keep the promise in each
 * (Mondrian conformal prediction, Vovk et al. 2005).
 */
export function poolOf(forecast: number, rootMeanSquaredError: number | undefined): number {
  let band = 0;
  for (let bound = 0.5; forecast >= bound && band < volumeBands - 1; bound *= 4) band += 1;
  if (rootMeanSquaredError === undefined) return 5 * volumeBands + band;
  const wrong = rootMeanSquaredError / protectionScale(forecast);
  let bin = 0;
  for (let bound = 0.5; wrong >= bound && bin < 4; bound *= 2) bin += 1;
  return bin * volumeBands + band;
}
