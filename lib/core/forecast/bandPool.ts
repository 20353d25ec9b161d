import { type BandScores, bandScores, type ErrorScale, errorScale, fewestScores } from './conformal.ts';
import { demandClasses } from './demandClass.ts';
import type { Target } from './models.ts';
import type { DayRange, Origin } from './origins.ts';
import type { SeriesFigures } from './panel.ts';

/** The band of a forecast; never below what was sold already. */
export type Band = Readonly<{ lower: number; upper: number }>;

/** Sums have no class: their pool is the last. */
const poolCount = demandClasses.length + 1;

/**
 * Past scores of the series of one level for one target, and the bands that they make. Scores are pooled by demand class
 * and by what they are measured in (Mondrian conformal prediction, Vovk et al. 2005); a small pool falls back to all
 * classes. A band at an origin knows only targets that were complete by then.
 */
export class BandPool {
  private readonly target: Target;
  private readonly origins: readonly Origin[];
  private readonly confidence: number;
  private readonly ends: readonly number[];
  /** Scores by pool and origin. */
  private readonly scores: (number[] | undefined)[] = [];
  private readonly learned = new Map<number, BandScores | undefined>();
  /** What `scoresOf` found, by pool and origin. */
  private readonly found: (BandScores | undefined | null)[] = [];

  /** `origins`: the past ones first and the present last. */
  constructor(target: Target, origins: readonly Origin[], confidence: number) {
    this.target = target;
    this.origins = origins;
    this.confidence = confidence;
    this.ends = origins.map((origin) => rangeOf(origin, target).until);
  }

  /** Takes the scores of a series' past forecasts. All series come before the first band is asked for. */
  add(figures: SeriesFigures): void {
    const scales = this.scalesOf(figures);
    for (let at = 0; at < this.origins.length - 1; at += 1) {
      const score = this.errorAt(figures, at) / (scales[at]?.scale ?? 1);
      if (Number.isNaN(score)) continue;
      const place = this.poolOf(figures.classes[at] as number, scales[at]?.own ?? false) * this.origins.length + at;
      const list = this.scores[place];
      if (list === undefined) this.scores[place] = [score];
      else list.push(score);
    }
  }

  /**
   * The band of a series' forecast at each origin; undefined without a forecast or with nothing to learn from. It holds
   * the forecast itself: few scores may all be of one sign.
   */
  bands(figures: SeriesFigures): (Band | undefined)[] {
    const scales = this.scalesOf(figures);
    return this.origins.map((_, at) => {
      const forecast = figures.planning[this.target][at] as number;
      if (Number.isNaN(forecast)) return undefined;
      const learned = this.learnedAt(figures.classes[at] as number, scales[at] as ErrorScale, at);
      if (learned === undefined) return undefined;
      const { scores, scale } = learned;
      const sold = this.target === 'current_month' ? (figures.sold[at] as number) : 0;
      return {
        lower: Math.max(sold, forecast + Math.min(0, scores.lower) * scale),
        upper: Math.max(sold, forecast + Math.max(0, scores.upper) * scale),
      };
    });
  }

  /**
   * Scores with what they are multiplied by. While no series had errors of its own to be measured in, all scores are by
   * volume, and are multiplied by the volume's scale: errors and volumes are of quite different size.
   */
  private learnedAt(
    demandClass: number,
    { scale, own, byVolume }: ErrorScale,
    at: number,
  ): { scores: BandScores; scale: number } | undefined {
    const plain = own && this.inMeasure(own, at) === undefined;
    const scores = this.scoresAt(this.poolOf(demandClass, own && !plain), at);
    return scores && { scores, scale: plain ? byVolume : scale };
  }

  private scoresAt(pool: number, at: number): BandScores | undefined {
    const place = pool * this.origins.length + at;
    const found = this.found[place];
    if (found !== undefined) return found ?? undefined;
    const scores = this.scoresOf(pool, at);
    this.found[place] = scores ?? null;
    return scores;
  }

  /** Of the pool, else of all classes in the same measure, else of all: the first with enough scores. */
  private scoresOf(pool: number, at: number): BandScores | undefined {
    const exact = this.learn([pool], at, pool);
    if (exact !== undefined && exact.count >= fewestScores) return exact;
    const wide = this.inMeasure(pool % 2 === 1, at);
    if (wide !== undefined && wide.count >= fewestScores) return wide;
    const every = Array.from({ length: poolCount * 2 }, (_, one) => one);
    return this.learn(every, at, poolCount * 2 + 2) ?? wide ?? exact;
  }

  /** Of all classes in one measure. */
  private inMeasure(own: boolean, at: number): BandScores | undefined {
    const measure = own ? 1 : 0;
    const classes = Array.from({ length: poolCount }, (_, one) => one * 2 + measure);
    return this.learn(classes, at, poolCount * 2 + measure);
  }

  private learn(pools: readonly number[], at: number, name: number): BandScores | undefined {
    const key = name * this.origins.length + at;
    if (this.learned.has(key)) return this.learned.get(key);
    const day = this.origins[at]?.day ?? 0;
    const lists: number[][] = [];
    for (const pool of pools) {
      this.ends.forEach((end, past) => {
        const list = this.scores[pool * this.origins.length + past];
        if (list !== undefined && end <= day) lists.push(list);
      });
    }
    const scores = new Float64Array(lists.reduce((sum, list) => sum + list.length, 0));
    let place = 0;
    for (const list of lists) {
      scores.set(list, place);
      place += list.length;
    }
    const learned = bandScores(scores, this.confidence);
    this.learned.set(key, learned);
    return learned;
  }

  /** What a series' error is measured in at each origin: by its own errors that were known by then. */
  private scalesOf(figures: SeriesFigures): ErrorScale[] {
    const errors: number[] = [];
    let past = 0;
    return this.origins.map((origin, at) => {
      for (; past < at && (this.ends[past] as number) <= origin.day; past += 1) {
        const error = this.errorAt(figures, past);
        if (!Number.isNaN(error)) errors.push(error);
      }
      return errorScale(errors, figures.rest[this.target][at] as number);
    });
  }

  private errorAt(figures: SeriesFigures, at: number): number {
    return (figures.actual[this.target][at] as number) - (figures.planning[this.target][at] as number);
  }

  private poolOf(demandClass: number, own: boolean): number {
    return (Number.isNaN(demandClass) ? demandClasses.length : demandClass) * 2 + (own ? 1 : 0);
  }
}

function rangeOf(origin: Origin, target: Target): DayRange {
  return target === 'current_month' ? origin.current : origin.next;
}
