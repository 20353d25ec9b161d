import type { IdentifiedEvent } from '../core/types.ts';
import { type Database, query } from './pool.ts';

/** Which of these events PostgreSQL holds already, by event id. One index look-up an event. */
export async function knownEventIds(db: Database, events: readonly IdentifiedEvent[]): Promise<Set<string>> {
  if (events.length === 0) return new Set();
  const rows = await query<{ event_id: string }>(
    db,
    `SELECT e.event_id
     FROM unnest($1::bigint[], $2::bigint[], $3::timestamp[], $4::uuid[]) AS u (store_id, item_id, date_time, event_id)
     JOIN inventory_event e USING (store_id, item_id, date_time, event_id)`,
    [
      events.map((event) => event.storeId),
      events.map((event) => event.itemId),
      events.map((event) => event.dateTime),
      events.map((event) => event.eventId),
    ],
  );
  return new Set(rows.map((row) => row.event_id));
}

/** Whether any event was ever applied: before the first, looking for known ones is a waste. */
export async function hasEvents(db: Database): Promise<boolean> {
  const [row] = await query<{ any: boolean }>(db, 'SELECT EXISTS (SELECT FROM store_item) AS any');
  return row?.any === true;
}
