import type { PlanningValues } from './planningValues.ts';

/** Decimals of the CSVs; what is stored is rounded, so that SQL and this code reckon with the same figures. */
const thousandths = 1_000;

/** Stock is looked at once a day: an order that is not placed now is there a day later. */
const lookDays = 1;

/**
 * Units a day as forecast, what one day may need more of it, and what follows for ordering; all undefined without a lead
 * time. Source: King, APICS 2011; notes on forecasting, 5 (forecast error over the protection interval, not demand's sd).
 */
export type OrderFigures = Readonly<{
  /** Over lead time + review period: the error's quantile at the service level. Never negative. */
  safetyStock: number;
  /** An order cannot wait until tomorrow at this stock: demand of the lead time and one more day, + safety stock. */
  reorderPoint: number;
  /** Stock that an order fills up to: demand of lead time + review period, + safety stock. */
  orderUpTo: number;
}>;

/**
 * @param dailyUnits forecast, units a day
 * @param quantile `serviceQuantile` of the pair's pool, undefined where that is too small
 * @param scale of the pair's error over the protection interval, units
 */
export function orderFigures(
  { leadTimeDays, reviewPeriodDays }: PlanningValues,
  dailyUnits: number,
  quantile: number | undefined,
  scale: number,
): OrderFigures | undefined {
  if (leadTimeDays === undefined || reviewPeriodDays === undefined || quantile === undefined) return undefined;
  const safetyStock = rounded(Math.max(0, quantile * scale));
  return {
    safetyStock,
    reorderPoint: rounded(dailyUnits * (leadTimeDays + lookDays) + safetyStock),
    orderUpTo: rounded(dailyUnits * (leadTimeDays + reviewPeriodDays) + safetyStock),
  };
}

/**
 * Units to order now: up to `orderUpTo` in whole packs, 0 above the reorder point. The exports tell of no open orders,
 * so what is on hand stands for the inventory position: what is on its way must be taken off by the reader.
 */
export function reorderQuantity(
  { reorderPoint, orderUpTo }: OrderFigures,
  onHandUnits: number | undefined,
  packSize: number,
): number | undefined {
  if (onHandUnits === undefined) return undefined;
  if (onHandUnits > reorderPoint) return 0;
  // In thousandths, which are whole: 0.3 / 0.1 is not 3.
  const missing = Math.round((orderUpTo - onHandUnits) * thousandths);
  return Math.ceil(missing / (packSize * thousandths)) * packSize;
}

function rounded(units: number): number {
  return Math.round(units * thousandths) / thousandths;
}
