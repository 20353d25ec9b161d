import { volumeBands } from './protectionScores.ts';

/** A pool speaks where at least so many of its scores lie beyond the quantile: overlapping intervals are no independent ones. */
const fewestBeyond = 10;

/**
 * The scores of all pairs, pooled by length of the interval and likeness (`poolOf`). Filled first, asked afterwards.
 * Holds 8 bytes a score, and again as much for pools that are asked for.
 */
export class ScorePools {
  private readonly added = new Map<number, Map<number, number[]>>();
  private readonly sorted = new Map<string, Float64Array>();

  add(horizonDays: number, { scores, pools }: Readonly<{ scores: ArrayLike<number>; pools: ArrayLike<number> }>): void {
    const ofHorizon = this.added.get(horizonDays) ?? new Map<number, number[]>();
    this.added.set(horizonDays, ofHorizon);
    for (let at = 0; at < scores.length; at += 1) {
      const pool = pools[at] as number;
      const known = ofHorizon.get(pool);
      if (known === undefined) ofHorizon.set(pool, [scores[at] as number]);
      else known.push(scores[at] as number);
    }
  }

  /**
   * The score that the next interval stays below with probability `serviceLevel`, from the narrowest pool that is large
   * enough: alike, equally unsure, of the same length, all. Undefined where even all are too few to promise that much.
   */
  serviceQuantile(serviceLevel: number, horizonDays: number, pool: number): number | undefined {
    const unsureness = Math.floor(pool / volumeBands);
    const wider = [
      () => this.scoresOf(`${horizonDays} ${pool}`, horizonDays, (other) => other === pool),
      () =>
        this.scoresOf(
          `${horizonDays} ${unsureness}x`,
          horizonDays,
          (other) => Math.floor(other / volumeBands) === unsureness,
        ),
      () => this.scoresOf(`${horizonDays}`, horizonDays, () => true),
      () => this.scoresOf('', undefined, () => true),
    ];
    for (const scores of wider) {
      const ascending = scores();
      if (ascending.length * (1 - serviceLevel) >= fewestBeyond) return orderStatistic(ascending, serviceLevel);
    }
    return orderStatistic(
      this.scoresOf('', undefined, () => true),
      serviceLevel,
    );
  }

  private scoresOf(key: string, horizonDays: number | undefined, isAlike: (pool: number) => boolean): Float64Array {
    const before = this.sorted.get(key);
    if (before !== undefined) return before;
    const parts: number[][] = [];
    for (const [days, ofHorizon] of this.added) {
      if (horizonDays !== undefined && days !== horizonDays) continue;
      for (const [pool, scores] of ofHorizon) if (isAlike(pool)) parts.push(scores);
    }
    const ascending = new Float64Array(parts.reduce((count, part) => count + part.length, 0));
    let at = 0;
    for (const part of parts) {
      ascending.set(part, at);
      at += part.length;
    }
    ascending.sort();
    this.sorted.set(key, ascending);
    return ascending;
  }
}

/**
 * The ⌈(n + 1)·level⌉-th smallest, undefined where n is too small to have it. As it stands: an interpolated one promises
 * too much. Source: split conformal prediction, one-sided (Lei et al. 2018, J. Am. Stat. Assoc. 113).
 * @example orderStatistic(Float64Array.of(-1, 0, 2), 0.75) // 2, the 3rd of 3
 */
export function orderStatistic(ascending: Float64Array, level: number): number | undefined {
  // 0.95 × 100 is 95 and a little in binary, and not to be the 96th.
  const rank = Math.ceil((ascending.length + 1) * level - 1e-9);
  return rank >= 1 && rank <= ascending.length ? ascending[rank - 1] : undefined;
}
