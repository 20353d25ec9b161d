import { hash } from 'node:crypto';
import type { EventRow } from './types.ts';

/** The separator cannot come from a number or a time, and the only free text stands last, so no two rows read alike. */
const separator = '\u001f';

/**
 * The 128-bit fingerprint of a row's normalised values, 32 hexadecimal digits (SHA-256, cut). File name, line, time
 * zone and the way a number was written are not in it. Source: product.md, Identity.
 */
export function rowFingerprint(row: EventRow): string {
  return digest(identityText(row));
}

/**
 * The identity of the n-th identical line of one file; the first line's is its fingerprint, so most rows hash once.
 * A count's identity has no n: the same count twice is one count.
 * @example eventId(row, rowFingerprint(row), 1) // '0f1c…-…'
 */
export function eventId(row: EventRow, fingerprint: string, n: number): string {
  return asUuid(n === 1 || row.kind === 'count' ? fingerprint : digest(`${n}${separator}${identityText(row)}`));
}

/** The identity of the counter-event that takes an event back: one for each event, however often it is asked for. */
export function counterEventId(withdrawnEventId: string): string {
  return asUuid(digest(['w', withdrawnEventId].join(separator)));
}

function identityText(row: EventRow): string {
  const { storeId, itemId, dateTime, quantity } = row;
  const s = separator;
  return row.kind === 'change'
    ? `c${s}${storeId}${s}${itemId}${s}${dateTime}${s}${quantity}${s}${row.changeTypeId ?? ''}${s}${row.transId ?? ''}`
    : `s${s}${storeId}${s}${itemId}${s}${dateTime}${s}${quantity}${s}${row.employeeId}`;
}

function digest(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 32);
}

/** 32 hexadecimal digits as PostgreSQL writes a uuid. */
export function asUuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
