import type { Target } from './models.ts';
import { monthTrend } from './monthTrend.ts';
import type { PairForecast } from './pairForecast.ts';

/** Figures of one series at every origin, the past ones first and the present last; NaN where there is none. */
export type SeriesFigures = Readonly<{
  actual: Readonly<Record<Target, Float32Array>>;
  planning: Readonly<Record<Target, Float32Array>>;
  /** What of `planning` was still to come: all of the next month. */
  rest: Readonly<Record<Target, Float32Array>>;
  runRate: Float32Array;
  linear: Float32Array;
  last: Float32Array;
  mean: Float32Array;
  classes: Float32Array;
  /** Complete months before the present one, oldest first. */
  months: Float32Array;
}>;

/** A pair's own figures as a series. */
export function figuresOf(pair: PairForecast): SeriesFigures {
  return {
    actual: { current_month: pair.actualCurrent, next_month: pair.actualNext },
    planning: { current_month: pair.planningCurrent, next_month: pair.planningNext },
    rest: { current_month: pair.restCurrent, next_month: pair.planningNext },
    runRate: pair.runRateCurrent,
    linear: pair.linearNext,
    last: pair.lastNext,
    mean: pair.meanNext,
    classes: pair.classes,
    months: pair.months,
  };
}

/**
 * The sum of series: an item over its stores, a store, all. What a pair forecast is added only where it had a forecast,
 * what came wherever it is known. A pair whose store was silent in a target is left out of both.
 */
export class SeriesSum {
  private readonly sums: Record<string, Float64Array> = {};
  private readonly origins: number;
  private months = new Float64Array();

  constructor(origins: number) {
    this.origins = origins;
  }

  add(figures: SeriesFigures): void {
    for (const target of ['current_month', 'next_month'] as const) {
      const actual = figures.actual[target];
      const known = (at: number) => !Number.isNaN(actual[at]) || at === this.origins - 1;
      this.into(`actual ${target}`, actual, () => true);
      this.into(`planning ${target}`, figures.planning[target], known);
      this.into(`rest ${target}`, figures.rest[target], known);
      if (target === 'current_month') this.into('run rate', figures.runRate, known);
      else {
        this.into('last', figures.last, known);
        this.into('mean', figures.mean, known);
      }
    }
    const months = new Float64Array(Math.max(this.months.length, figures.months.length));
    months.set(this.months, months.length - this.months.length);
    const from = months.length - figures.months.length;
    figures.months.forEach((units, at) => {
      months[from + at] = (months[from + at] as number) + units;
    });
    this.months = months;
  }

  /** `monthsBack[at]`: how many months lie between an origin and the present. */
  figures(monthsBack: readonly number[], trendAhead: number): SeriesFigures {
    const of = (name: string) => Float32Array.from(this.sums[name] ?? new Float64Array(this.origins).fill(Number.NaN));
    const linear = Float32Array.from(monthsBack, (back) => {
      const ended = this.months.length - back;
      return monthTrend(this.months, 0, ended, ended + trendAhead);
    });
    return {
      actual: { current_month: of('actual current_month'), next_month: of('actual next_month') },
      planning: { current_month: of('planning current_month'), next_month: of('planning next_month') },
      rest: { current_month: of('rest current_month'), next_month: of('rest next_month') },
      runRate: of('run rate'),
      linear,
      last: of('last'),
      mean: of('mean'),
      classes: new Float32Array(this.origins).fill(Number.NaN),
      months: Float32Array.from(this.months),
    };
  }

  private into(name: string, values: Float32Array, counts: (at: number) => boolean): void {
    this.sums[name] ??= new Float64Array(this.origins).fill(Number.NaN);
    const sum = this.sums[name];
    for (let at = 0; at < this.origins; at += 1) {
      const value = values[at] as number;
      if (Number.isNaN(value) || !counts(at)) continue;
      sum[at] = Number.isNaN(sum[at]) ? value : (sum[at] as number) + value;
    }
  }
}
