import type { EventKind } from './types.ts';

/** One event of one pair as the running stock sees it. `movesStock` is false for the online store's bopis lines. */
export type StockEvent = {
  readonly kind: EventKind;
  readonly dateTime: string;
  readonly quantity: number;
  readonly movesStock: boolean;
  readonly eventId: string;
};

/** At one time: counts first, then receipts, then issues (product.md, Settled in detail). */
function phase(event: StockEvent): number {
  if (event.kind === 'count') return 0;
  return event.quantity > 0 ? 1 : 2;
}

/** The running order of one pair's events: time, counts (by quantity), receipts, issues, then event_id. */
export function runningOrder(a: StockEvent, b: StockEvent): number {
  if (a.dateTime !== b.dateTime) return a.dateTime < b.dateTime ? -1 : 1;
  const phases = phase(a) - phase(b);
  if (phases !== 0) return phases;
  if (a.kind === 'count' && a.quantity !== b.quantity) return a.quantity - b.quantity;
  return a.eventId < b.eventId ? -1 : a.eventId > b.eventId ? 1 : 0;
}

/**
 * Units on hand after each event of one pair, in running order: a count sets the stock, a change adds to it, null
 * before the first count. `opening` is what was on hand before the first event given (null: never counted).
 * Input: any order. Output: `{ event, finalQuantity, bookQuantity }`, bookQuantity being the stock just before.
 */
export function runningStock<E extends StockEvent>(
  events: readonly E[],
  opening: number | null = null,
): { event: E; finalQuantity: number | null; bookQuantity: number | null }[] {
  let onHand = opening;
  return [...events].sort(runningOrder).map((event) => {
    const bookQuantity = onHand;
    if (event.kind === 'count') onHand = event.quantity;
    else if (onHand !== null && event.movesStock) onHand += event.quantity;
    return { event, finalQuantity: onHand, bookQuantity };
  });
}
