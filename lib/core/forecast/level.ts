/**
 * Daily demand levels of one series after some of its prefixes, each the mean of four methods that cost a step per day:
 *
 * - SES: simple exponential smoothing, its alpha the one of `sesAlphas` with the least squared one-step error so far
 *   (Hyndman & Athanasopoulos, fpp3, 8.1).
 * - the mean of the newest 28 days.
 * - TSB: size and probability of demand smoothed apart, so that an item that died decays (Teunter, Syntetos & Babai 2011).
 * - ADIDA: SES on sums over blocks as long as the mean gap between demands (Nikolopoulos et al. 2011).
 */
export type Levels = Readonly<{
  /** Units a day, one for each prefix; 0 after an empty one. */
  combined: Float64Array;
  mean28: Float64Array;
}>;

const sesAlphas = Float64Array.of(0.01, 0.02, 0.035, 0.05, 0.1, 0.2);
/** Of blocks: few and long ones are smoothed faster, and what lies 40 blocks back hardly weighs. */
const blockAlphas = Float64Array.of(0.05, 0.1, 0.2);
const mostBlocks = 40;
const tsbSizeAlpha = 0.1;
const tsbProbabilityAlpha = 0.05;
const meanDays = 28;
/** Less likely than this, days without a sale mean the end of an item; no item sells so often that three weeks tell. */
const unlikely = 0.01;
const mostOften = 0.2;

/**
 * Levels after each of `prefixes` (numbers of values, ascending) of `values`: daily demand from the first sale on,
 * unknown days left out, never negative. A level knows nothing of the values after its prefix.
 */
export function levelsAfter(values: Float64Array, prefixes: ArrayLike<number>): Levels {
  const combined = new Float64Array(prefixes.length);
  const mean28 = new Float64Array(prefixes.length);
  const { sums, demands } = runningCounts(values);
  const ses = new SmoothedLevel(sesAlphas);
  let size = 0;
  let probability = 0;
  let lastDemand = 0;
  let seen = 0;
  for (let at = 0; at < prefixes.length; at += 1) {
    const until = Math.min(prefixes[at] as number, values.length);
    for (; seen < until; seen += 1) {
      const value = values[seen] as number;
      ses.add(value);
      const sold = value > 0 ? 1 : 0;
      probability += Math.max(tsbProbabilityAlpha, 1 / (seen + 1)) * (sold - probability);
      if (sold === 1) lastDemand = seen + 1;
      if (sold === 1) size = size === 0 ? value : size + tsbSizeAlpha * (value - size);
    }
    if (until === 0) continue;
    const window = Math.min(until, meanDays);
    const mean = ((sums[until] as number) - (sums[until - window] as number)) / window;
    const block = Math.max(1, Math.round(until / Math.max(1, demands[until] as number)));
    const adida = block === 1 ? ses.level : blockLevel(sums, until, block);
    mean28[at] = mean;
    const alive = stillSelling(until, lastDemand, demands[until] as number);
    combined[at] = (alive * (ses.level + mean + size * probability + adida)) / 4;
  }
  return { combined, mean28 };
}

/**
 * 1 for an item that sells; towards 0 for one whose days without a sale are too many to be chance: how likely they are by
 * how often it sold until its last sale, over `unlikely`.
 */
function stillSelling(days: number, lastDemand: number, demands: number): number {
  if (lastDemand === 0) return 1;
  const often = Math.min(demands / lastDemand, mostOften);
  return Math.min(1, (1 - often) ** (days - lastDemand) / unlikely);
}

/** SES for several alphas at once. A level begins as the mean of what came, until its alpha weighs more. */
class SmoothedLevel {
  private readonly alphas: Float64Array;
  private readonly levels: Float64Array;
  private readonly errors: Float64Array;
  private added = 0;

  constructor(alphas: Float64Array) {
    this.alphas = alphas;
    this.levels = new Float64Array(alphas.length);
    this.errors = new Float64Array(alphas.length);
  }

  add(value: number): void {
    const { alphas, levels, errors } = this;
    this.added += 1;
    const mean = 1 / this.added;
    for (let k = 0; k < alphas.length; k += 1) {
      const level = levels[k] as number;
      const alpha = alphas[k] as number;
      const error = value - level;
      if (mean < 1) errors[k] = (errors[k] as number) + error * error;
      levels[k] = level + Math.max(alpha, mean) * error;
    }
  }

  /** That of the alpha with the least squared one-step error so far. */
  get level(): number {
    let best = 0;
    for (let k = 1; k < this.alphas.length; k += 1) {
      if ((this.errors[k] as number) < (this.errors[best] as number)) best = k;
    }
    return this.levels[best] as number;
  }
}

/** SES on the sums of whole blocks counted back from `until`, per day. */
function blockLevel(sums: Float64Array, until: number, block: number): number {
  const ses = new SmoothedLevel(blockAlphas);
  const blocks = Math.min(mostBlocks, Math.floor(until / block));
  for (let from = until - blocks * block; from < until; from += block) {
    ses.add((sums[from + block] as number) - (sums[from] as number));
  }
  return ses.level / block;
}

/** How much and how often was sold before each place. */
function runningCounts(values: Float64Array): { sums: Float64Array; demands: Uint32Array } {
  const sums = new Float64Array(values.length + 1);
  const demands = new Uint32Array(values.length + 1);
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] as number;
    sums[at + 1] = (sums[at] as number) + value;
    demands[at + 1] = (demands[at] as number) + (value > 0 ? 1 : 0);
  }
  return { sums, demands };
}
