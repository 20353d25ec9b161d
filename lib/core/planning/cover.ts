/** Farther ahead a date says nothing but "not soon". */
const farthestDays = 3_650;

/**
 * Days that the stock on hand lasts at the forecast rate, 0 where there is none; undefined where either is unknown or
 * nothing is expected to sell.
 */
export function daysOfCover(onHandUnits: number | undefined, dailyUnits: number | undefined): number | undefined {
  if (onHandUnits === undefined || dailyUnits === undefined || !(dailyUnits > 0)) return undefined;
  return Math.max(0, onHandUnits) / dailyUnits;
}

/** Units a day: forecast, and the bounds of its band. */
export type DailyRates = Readonly<{ units: number; lower: number; upper: number }>;

/** Day numbers; undefined where the stock lasts more than ten years at that rate, or nothing is known. */
export type StockoutDays = Readonly<{
  expected: number | undefined;
  /** At the band's upper rate. */
  early: number | undefined;
  /** At the band's lower rate: mostly undefined where that is 0. */
  late: number | undefined;
}>;

/**
 * The first day that the stock on hand does not last for, counted from the open day: `asOf` itself where it is empty.
 * @param asOf day number of the open day
 */
export function stockoutDays(
  asOf: number,
  onHandUnits: number | undefined,
  rates: DailyRates | undefined,
): StockoutDays {
  const dayAt = (rate: number | undefined) => {
    const cover = daysOfCover(onHandUnits, rate);
    return cover === undefined || cover > farthestDays ? undefined : asOf + Math.floor(cover);
  };
  return { expected: dayAt(rates?.units), early: dayAt(rates?.upper), late: dayAt(rates?.lower) };
}

const lostSalesDays = 28;

/**
 * Units that would have sold on days without stock among the newest 28 closed ones, at the pair's level of days in stock.
 * @param censored days left out of the demand series, ascending
 * @param until day after the last closed one
 */
export function lostSalesEstimate(censored: Int32Array, until: number, dailyUnits: number): number {
  let lost = 0;
  for (const day of censored) if (day >= until - lostSalesDays && day < until) lost += 1;
  return lost * dailyUnits;
}
