/** Signed scores of the band: forecast + score × scale, lower and upper. */
export type BandScores = Readonly<{ lower: number; upper: number; count: number }>;

/** Pools smaller than this are not trusted alone. */
export const fewestScores = 100;

/**
 * Split conformal band of past scores (actual − forecast) / scale at `confidence`: order statistics floor((n+1)·α/2) and
 * ceil((n+1)·(1−α/2)), no interpolation; the outermost score where n is too small for one. `scores` is sorted in place.
 * Source: Vovk, Gammerman & Shafer 2005; Angelopoulos & Bates 2021, 1.1.
 */
export function bandScores(scores: Float64Array, confidence: number): BandScores | undefined {
  const count = scores.length;
  if (count === 0) return undefined;
  scores.sort();
  const alpha = 1 - confidence;
  // 5 % of 100 is a little less than 5 in binary, and not to be the 4th.
  const low = Math.max(1, Math.floor((count + 1) * (alpha / 2) + 1e-9));
  const high = Math.min(count, Math.ceil((count + 1) * (1 - alpha / 2) - 1e-9));
  return { lower: scores[low - 1] as number, upper: scores[high - 1] as number, count };
}

const fewestErrors = 3;
const mostErrors = 12;
const leastScale = 0.25;

/** `own`: by the series' own errors; `byVolume`: what it would be without them. */
export type ErrorScale = Readonly<{ scale: number; own: boolean; byVolume: number }>;

/**
 * What the errors of a series are measured in: the root mean square of its newest (at most 12) errors where it has 3,
 * else the square root of `units` + 1, as counts scatter. `own` tells which.
 */
export function errorScale(errors: readonly number[], units: number): ErrorScale {
  const byVolume = Math.sqrt(Math.max(0, units) + 1);
  if (errors.length < fewestErrors) return { scale: byVolume, own: false, byVolume };
  const from = Math.max(0, errors.length - mostErrors);
  let squares = 0;
  for (let at = from; at < errors.length; at += 1) squares += (errors[at] as number) ** 2;
  const rmse = Math.sqrt(squares / (errors.length - from));
  return { scale: Math.max(rmse, leastScale * byVolume), own: true, byVolume };
}
