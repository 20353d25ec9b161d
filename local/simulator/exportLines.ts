import { stampOf } from './localTime.ts';
import type { Store } from './stores.ts';

/** Change types as inventory_change_type.csv delivers them. Source: product.md, Input. */
export const changeTypes = { sale: 1, shrink: 2, restock: 3, bopis: 4 } as const;

/** Header lines of the two event files, without line end. */
export const headers = {
  change: 'trans_id,item_id,store_id,date_time,quantity,change_type_id',
  snapshot: 'item_id,employee_id,store_id,date_time,quantity',
} as const;

/** Every simulated file begins with a byte-order mark and ends its lines in CRLF, as the real exports do. */
export const fileStart = '\uFEFF';
export const lineEnd = '\r\n';

export type EventKind = keyof typeof headers;

/** @example eventFile('change', store) // 'inventory_change_store001.csv' */
export function eventFile(kind: EventKind, store: Store): string {
  return `inventory_${kind}_${store.label}.csv`;
}

/** One line of a change file; `minute` local since 1970, `quantity` signed, a sale is negative. */
export function changeLine(
  receipt: string,
  item: number,
  store: Store,
  minute: number,
  quantity: number,
  type: number,
): string {
  return `{${receipt}},${item},${store.id},${stampOf(minute)},${quantity},${type}\r\n`;
}

/** One line of a snapshot file; the web shop's counts name no employee. */
export function snapshotLine(item: number, employee: number | null, store: Store, minute: number, quantity: number) {
  return `${item},${employee ?? ''},${store.id},${stampOf(minute)},${quantity}\r\n`;
}
