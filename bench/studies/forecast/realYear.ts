import { parseSettings } from '../../../config/settings.ts';
import { changeTypesFrom } from '../../../lib/core/changeTypes.ts';
import { dayNumber } from '../../../lib/core/forecast/calendarDays.ts';
import type { IdentifiedEvent } from '../../../lib/core/types.ts';
import { changeEvents } from '../../changeEvents.ts';
import { type DaySeries, PairDays } from './daySeries.ts';

const onlineStoreId = 0;
const mostCancelDays = 3;

/**
 * Daily demand of a folder of exports, read by the project's own parser: sale and bopis lines, without the web shop's
 * bopis (another store's demand) and without sales that a restock of the same size undid.
 */
export async function realYear(inputDir: string): Promise<DaySeries> {
  const roles = new Map(changeTypesFrom(new Map()).map((type) => [type.changeTypeId, type.role]));
  const events = await changesOf(inputDir);
  const cancelled = cancelledSales(events, (event) => roles.get(event.changeTypeId as number));
  const pairs = new PairDays();
  for (const event of events) {
    const role = roles.get(event.changeTypeId as number);
    const sold = role === 'sale' || (role === 'bopis' && event.storeId !== onlineStoreId);
    const units = sold && !cancelled.has(event.eventId) ? -event.quantity : 0;
    pairs.add(event.storeId, event.itemId, dayNumber(event.dateTime), units);
  }
  return pairs.series();
}

/** Change lines, each event once. */
async function changesOf(inputDir: string): Promise<IdentifiedEvent[]> {
  const sent = await changeEvents(parseSettings({}), inputDir);
  return [...new Map(sent.map(({ event }) => [event.eventId, event])).values()];
}

/**
 * Ids of sales that were taken back whole: in the running order of a pair's sales and restocks of one size, those that
 * stand just before a restock and at most 3 days earlier.
 */
export function cancelledSales(
  events: readonly IdentifiedEvent[],
  roleOf: (event: IdentifiedEvent) => string | undefined,
): Set<string> {
  const alike = new Map<string, IdentifiedEvent[]>();
  for (const event of events) {
    const role = roleOf(event);
    if (!(role === 'sale' && event.quantity < 0) && !(role === 'restock' && event.quantity > 0)) continue;
    const key = `${event.storeId} ${event.itemId} ${Math.abs(event.quantity)}`;
    const known = alike.get(key);
    if (known === undefined) alike.set(key, [event]);
    else known.push(event);
  }
  const cancelled = new Set<string>();
  for (const lines of alike.values()) {
    lines.sort(inRunningOrder);
    lines.forEach((restock, at) => {
      const sale = lines[at - 1];
      if (restock.quantity < 0 || sale === undefined || sale.quantity > 0) return;
      const days = (Date.parse(`${restock.dateTime}Z`) - Date.parse(`${sale.dateTime}Z`)) / 86_400_000;
      if (days <= mostCancelDays) cancelled.add(sale.eventId);
    });
  }
  return cancelled;
}

/** product.md: by local time, receipts before issues, then by id. */
function inRunningOrder(a: IdentifiedEvent, b: IdentifiedEvent): number {
  if (a.dateTime !== b.dateTime) return a.dateTime < b.dateTime ? -1 : 1;
  if (a.quantity > 0 !== b.quantity > 0) return a.quantity > 0 ? -1 : 1;
  return a.eventId < b.eventId ? -1 : 1;
}
