/** Figures of one model on one group of forecasts. Shares are of the units that came; undefined where there is nothing to divide by. */
export type Accuracy = Readonly<{
  n: number;
  origins: number;
  wape: number | undefined;
  /** Above 0: too much was forecast. */
  bias: number | undefined;
  mase: number | undefined;
  rmsse: number | undefined;
  /** Mean pinball loss of the two ends of the band, as a share of the mean actual. */
  pinball: number | undefined;
  coverage: number | undefined;
}>;

/**
 * Adds up the errors of one model. WAPE = Σ|y−f| / Σy; bias = Σ(f−y) / Σy; MASE and RMSSE scale each error by the mean
 * change from month to month before its origin (Hyndman & Koehler 2006; M5 Competitors' Guide).
 */
export class AccuracyTally {
  private n = 0;
  private absolute = 0;
  private signed = 0;
  private units = 0;
  private scaled = 0;
  private scaledAbsolute = 0;
  private scaledSquare = 0;
  private banded = 0;
  private bandedUnits = 0;
  private inBand = 0;
  private pinballs = 0;
  /** A bit for each origin: at most 25 of them. */
  private seen = 0;

  add(origin: number, actual: number, forecast: number, change: Change | undefined): void {
    const error = actual - forecast;
    this.seen |= 1 << origin;
    this.n += 1;
    this.absolute += Math.abs(error);
    this.signed -= error;
    this.units += actual;
    if (change === undefined || change.absolute <= 0) return;
    this.scaled += 1;
    this.scaledAbsolute += Math.abs(error) / change.absolute;
    this.scaledSquare += (error * error) / change.square;
  }

  addBand(actual: number, lower: number, upper: number, confidence: number): void {
    const tail = (1 - confidence) / 2;
    this.banded += 1;
    this.bandedUnits += actual;
    if (actual >= lower && actual <= upper) this.inBand += 1;
    this.pinballs += (pinball(actual, lower, tail) + pinball(actual, upper, 1 - tail)) / 2;
  }

  get figures(): Accuracy {
    const share = (sum: number, of: number) => (of > 0 ? sum / of : undefined);
    const square = share(this.scaledSquare, this.scaled);
    return {
      n: this.n,
      origins: bitCount(this.seen),
      wape: share(this.absolute, this.units),
      bias: share(this.signed, this.units),
      mase: share(this.scaledAbsolute, this.scaled),
      rmsse: square === undefined ? undefined : Math.sqrt(square),
      pinball: share(this.pinballs, this.bandedUnits),
      coverage: share(this.inBand, this.banded),
    };
  }
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

/** Mean absolute and mean squared change from month to month. */
export type Change = Readonly<{ absolute: number; square: number }>;

const fewestMonths = 3;

/** Changes of a series of months before any of them: running sums, so that each question costs one division. */
export class MonthChanges {
  private readonly absolute: Float64Array;
  private readonly square: Float64Array;

  constructor(months: ArrayLike<number>) {
    this.absolute = new Float64Array(months.length);
    this.square = new Float64Array(months.length);
    for (let at = 1; at < months.length; at += 1) {
      const change = (months[at] as number) - (months[at - 1] as number);
      this.absolute[at] = (this.absolute[at - 1] as number) + Math.abs(change);
      this.square[at] = (this.square[at - 1] as number) + change * change;
    }
  }

  /** Of months 0 to `until` - 1; undefined with fewer than 3 of them. */
  before(until: number): Change | undefined {
    if (until < fewestMonths || until > this.absolute.length) return undefined;
    const count = until - 1;
    return { absolute: (this.absolute[count] as number) / count, square: (this.square[count] as number) / count };
  }
}

/** Loss of a quantile forecast at level `quantile` (M5 Competitors' Guide, uncertainty). */
export function pinball(actual: number, forecast: number, quantile: number): number {
  return actual >= forecast ? quantile * (actual - forecast) : (1 - quantile) * (forecast - actual);
}
