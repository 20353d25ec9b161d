import { runningStock } from '../lib/core/runningStock.ts';
import type { PairRecord } from '../lib/postgres/recount.ts';

/** What a pair's events say, by the pure core. */
export type Recounted = ReturnType<typeof recountPair>;

export function recountPair(pair: PairRecord) {
  const stock = runningStock(pair.events);
  const changes = pair.events.filter((event) => event.kind === 'change');
  const counts = stock.filter(({ event }) => event.kind === 'count');
  return {
    delta: changes.length === 0 ? null : changes.reduce((sum, event) => sum + event.quantity, 0),
    final: stock.at(-1)?.finalQuantity ?? null,
    lastCount: counts.at(-1)?.event.quantity ?? null,
    closings: new Map(stock.map(({ event, finalQuantity }) => [event.dateTime.slice(0, 10), finalQuantity])),
    byEvent: new Map(stock.map((after) => [after.event.eventId, after])),
  };
}

/** A sentence where `got` is not what the pair's events say, else undefined; null, empty and missing are nothing. */
export function unlike(name: string, where: string, what: string, got: unknown, expected: unknown): string | undefined {
  const text = (value: unknown) => (value === null || value === undefined || value === '' ? 'nothing' : String(value));
  if (text(got) === text(expected)) return undefined;
  return `${name}: ${what} is ${text(got)} in ${where}, ${text(expected)} by its events`;
}

/** Where PostgreSQL's maintained figures of a pair are not what its events say. */
export function maintainedDifferences(pair: PairRecord, recounted: Recounted): string[] {
  const { delta, final, lastCount } = recounted;
  const compare = (table: string, what: string, got: unknown, expected: unknown) =>
    unlike(pairName(pair), `PostgreSQL ${table}`, what, got, expected);
  return [
    compare('store_item', 'delta_quantity', pair.deltaQuantity, delta),
    compare('store_item', 'final_quantity', pair.finalQuantity, final),
    compare('store_item', 'snapshot_quantity', pair.snapshotQuantity, lastCount),
    firstWrongClosing(pair, recounted),
    compare('store_item_day', 'the sum of delta_quantity', pair.daysDelta, delta ?? 0),
    compare('run_delta', 'the sum of delta_quantity', pair.runDelta, delta),
  ].filter((sentence) => sentence !== undefined);
}

/** The first day whose closing stock is not that of its last event; a missing or surplus day, too. */
function firstWrongClosing(pair: PairRecord, { closings }: Recounted): string | undefined {
  const days = new Set([...closings.keys(), ...Object.keys(pair.closings)]);
  for (const day of [...days].sort()) {
    const got = day in pair.closings ? (pair.closings[day] ?? 'empty') : 'no day';
    const expected = closings.has(day) ? (closings.get(day) ?? 'empty') : 'no day';
    const sentence = unlike(pairName(pair), 'PostgreSQL store_item_day', `closing_quantity of ${day}`, got, expected);
    if (sentence !== undefined) return sentence;
  }
  return undefined;
}

export function pairName(pair: PairRecord): string {
  return `store ${pair.storeId} item ${pair.itemId}`;
}
