import type { OrderFigures } from '../../../lib/core/planning/reorder.ts';
import type { ReviewedPair } from './reviewedPairs.ts';

/**
 * When an order is placed: at each review, up to order_up_to; on any morning at the reorder point or below; or at
 * a review, but only at the reorder point or below.
 */
export const policies = ['each review', 'reorder point, daily', 'reorder point, each review'] as const;
export type Policy = (typeof policies)[number];

/** `served`: share of review periods in which nothing was asked for in vain. `stockDays`: mean stock in days of demand. */
export type StockRecord = Readonly<{ periods: number; served: number; fillRate: number; stockDays: number }>;

type Sums = { periods: number; served: number; asked: number; sold: number; stock: number };

/**
 * Moves the stock of all pairs forward through the held-out days, from order_up_to at the first review that knows the
 * pair. What is not there is lost. Orders are placed in the morning; their goods are there on the morning `leadTimeDays` later.
 * @param orders of each review, of each pair
 */
export function stockRecord(
  policy: Policy,
  pairs: readonly ReviewedPair[],
  reviewDays: readonly number[],
  orders: readonly (readonly (OrderFigures | undefined)[])[],
  { leadTimeDays, reviewPeriodDays }: Readonly<{ leadTimeDays: number; reviewPeriodDays: number }>,
): StockRecord {
  const sums: Sums = { periods: 0, served: 0, asked: 0, sold: 0, stock: 0 };
  for (const [at, pair] of pairs.entries()) {
    const ofPair = reviewDays.map((_, review) => orders[review]?.[at]);
    moveForward(policy, pair, reviewDays, ofPair, leadTimeDays, sums);
  }
  const { periods, served, asked, sold, stock } = sums;
  const perDay = asked / (periods * reviewPeriodDays);
  return {
    periods,
    served: served / periods,
    fillRate: sold / asked,
    stockDays: stock / (periods * reviewPeriodDays) / perDay,
  };
}

function moveForward(
  policy: Policy,
  { series, known }: ReviewedPair,
  reviewDays: readonly number[],
  orders: readonly (OrderFigures | undefined)[],
  leadTimeDays: number,
  sums: Sums,
): void {
  let stock: number | undefined;
  const due: { day: number; units: number }[] = [];
  for (let review = 0; review + 1 < reviewDays.length; review += 1) {
    const order = orders[review];
    if (order === undefined) continue;
    stock ??= Math.ceil(order.orderUpTo);
    let lost = 0;
    let place = known[review] as number;
    const first = reviewDays[review] as number;
    for (let day = first; day < (reviewDays[review + 1] as number); day += 1) {
      const position = stock + due.reduce((sum, { units }) => sum + units, 0);
      const isTime = policy === 'reorder point, daily' || day === first;
      if (isTime && (policy === 'each review' || position <= order.reorderPoint)) {
        const units = Math.ceil(order.orderUpTo - position);
        if (units > 0) due.push({ day: day + leadTimeDays, units });
      }
      while ((due[0]?.day ?? day + 1) <= day) stock += due.shift()?.units ?? 0;
      const asked = series.days[place] === day ? (series.values[place] as number) : 0;
      if (series.days[place] === day) place += 1;
      const sold = Math.min(stock, asked);
      lost += asked - sold;
      stock -= sold;
      sums.asked += asked;
      sums.sold += sold;
      sums.stock += stock;
    }
    sums.periods += 1;
    if (lost === 0) sums.served += 1;
  }
}
