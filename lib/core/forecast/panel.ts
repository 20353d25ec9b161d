import { type Target, targets } from './models.ts';
import { monthTrend } from './monthTrend.ts';
import type { PairForecast } from './pairForecast.ts';

/** Figures of one series at every origin, the past ones first and the present last; NaN where there is none. */
export type SeriesFigures = Readonly<{
  actual: Readonly<Record<Target, Float32Array>>;
  planning: Readonly<Record<Target, Float32Array>>;
  /** What of `planning` was still to come: all of the next month. */
  rest: Readonly<Record<Target, Float32Array>>;
  /** What was sold in the open month to date. To the unit: `planning` − `rest` may miss it by a rounding. */
  sold: Float32Array;
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
    sold: pair.soldCurrent,
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
  private readonly origins: number;
  private readonly sums: Record<Target, Record<'actual' | 'planning' | 'rest', OriginSum>>;
  private readonly sold: OriginSum;
  private readonly runRate: OriginSum;
  private readonly last: OriginSum;
  private readonly mean: OriginSum;
  private months = new Float64Array();

  constructor(origins: number) {
    this.origins = origins;
    const sum = () => new OriginSum(origins);
    const sums = () => ({ actual: sum(), planning: sum(), rest: sum() });
    this.sums = { current_month: sums(), next_month: sums() };
    this.sold = sum();
    this.runRate = sum();
    this.last = sum();
    this.mean = sum();
  }

  add(figures: SeriesFigures): void {
    for (const target of targets) {
      const actual = figures.actual[target];
      const sum = this.sums[target];
      sum.actual.add(actual);
      sum.planning.add(figures.planning[target], actual);
      sum.rest.add(figures.rest[target], actual);
    }
    this.sold.add(figures.sold, figures.actual.current_month);
    this.runRate.add(figures.runRate, figures.actual.current_month);
    this.last.add(figures.last, figures.actual.next_month);
    this.mean.add(figures.mean, figures.actual.next_month);
    const months = new Float64Array(Math.max(this.months.length, figures.months.length));
    months.set(this.months, months.length - this.months.length);
    const from = months.length - figures.months.length;
    for (let at = 0; at < figures.months.length; at += 1) {
      months[from + at] = (months[from + at] as number) + (figures.months[at] as number);
    }
    this.months = months;
  }

  /** `monthsBack[at]`: how many months lie between an origin and the present. */
  figures(monthsBack: readonly number[], trendAhead: number): SeriesFigures {
    const linear = Float32Array.from(monthsBack, (back) => {
      const ended = this.months.length - back;
      return monthTrend(this.months, 0, ended, ended + trendAhead);
    });
    const { current_month: current, next_month: next } = this.sums;
    return {
      actual: { current_month: current.actual.values, next_month: next.actual.values },
      planning: { current_month: current.planning.values, next_month: next.planning.values },
      rest: { current_month: current.rest.values, next_month: next.rest.values },
      sold: this.sold.values,
      runRate: this.runRate.values,
      linear,
      last: this.last.values,
      mean: this.mean.values,
      classes: new Float32Array(this.origins).fill(Number.NaN),
      months: Float32Array.from(this.months),
    };
  }
}

/** Adds up figures of many series at each origin; NaN until there is one. */
class OriginSum {
  private readonly sums: Float64Array;

  constructor(origins: number) {
    this.sums = new Float64Array(origins).fill(Number.NaN);
  }

  /** With `actual`, only where that is known; of the present, the last, nothing is known yet. */
  add(figures: Float32Array, actual?: Float32Array): void {
    const { sums } = this;
    for (let at = 0; at < sums.length; at += 1) {
      const value = figures[at] as number;
      if (Number.isNaN(value)) continue;
      if (actual !== undefined && at < sums.length - 1 && Number.isNaN(actual[at])) continue;
      sums[at] = Number.isNaN(sums[at]) ? value : (sums[at] as number) + value;
    }
  }

  get values(): Float32Array {
    return Float32Array.from(this.sums);
  }
}
