import { isAscii, isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import { asUuid } from '../core/eventIdentity.ts';
import { textMaxChars } from '../core/parseRow.ts';
import type { IdentifiedEvent } from '../core/types.ts';
import { idLimit, quantityLimit } from '../core/wholeNumber.ts';

/** Where an event came from; `line` is the physical line counting the header as 1. */
/** Keys pin a pair to one partition. */
export const eventKey = ({ storeId, itemId }: IdentifiedEvent): string => `${storeId}:${itemId}`;

export type Provenance = Readonly<{ file: string; line: number }>;

/**
 * One event as a Kafka value: JSON with the field names of the outputs, plus `sent_time` (ISO, UTC), file and line.
 * Times stay local text; the broker's own timestamp is left alone (kafka.md, section 1).
 */
export function encodeEvent(event: IdentifiedEvent, from: Provenance, sentTime: string): string {
  const change =
    event.kind === 'change'
      ? `"change_type_id":${event.changeTypeId},"trans_id":${quoted(event.transId ?? '')}`
      : `"employee_id":${quoted(event.employeeId)}`;
  return (
    `{"kind":"${event.kind}","event_id":"${event.eventId}","store_id":${event.storeId},"item_id":${event.itemId},` +
    `"date_time":"${event.dateTime}","quantity":${event.quantity},${change},"sent_time":"${sentTime}",` +
    `"file":${quoted(from.file)},"line":${from.line}}`
  );
}

const plain = /^[\w .-]*$/;

/** JSON text; almost all ids and names need no escaping, which a regular expression tells faster than stringify. */
function quoted(text: string): string {
  return plain.test(text) ? `"${text}"` : JSON.stringify(text);
}

export type Decoded =
  | { readonly event: IdentifiedEvent; readonly sentTime: string }
  | { readonly reason: string; readonly raw: string };

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const localTime = /^(?!0000)\d{4}-\d{2}-\d{2} (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d$/;
const isId = (value: unknown): value is number => Number.isSafeInteger(value) && Math.abs(value as number) <= idLimit;

/** So much of a message that is no event is kept: a foreign producer may send megabytes. */
const rawMaxChars = 2_000;

/** Reads a Kafka value back; whatever a foreign producer wrote comes back as a reason, never as an exception. */
export function decodeEvent(value: Buffer | null): Decoded {
  if (value === null) return { reason: 'a message without a value', raw: '' };
  // Decoding would put U+FFFD into the ids of another client's Latin-1 without a word.
  const ascii = isAscii(value);
  if (!ascii && !isUtf8(value)) return { reason: 'not UTF-8', raw: rawStart(value) };
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(value.toString(ascii ? 'latin1' : 'utf8')) as Record<string, unknown>;
  } catch {
    return { reason: 'not JSON', raw: rawStart(value) };
  }
  const wrong = wrongField(fields);
  if (wrong !== undefined) return { reason: `${wrong} is missing or of another kind`, raw: rawStart(value) };
  const long = longField(fields);
  if (long !== undefined) return { reason: `${long} is longer than ${textMaxChars} characters`, raw: rawStart(value) };
  const kind = fields.kind as 'change' | 'count';
  return {
    sentTime: fields.sent_time as string,
    event: {
      kind,
      eventId: fields.event_id as string,
      storeId: fields.store_id as number,
      itemId: fields.item_id as number,
      dateTime: fields.date_time as string,
      quantity: fields.quantity as number,
      changeTypeId: kind === 'change' ? (fields.change_type_id as number) : null,
      transId: kind === 'change' ? (fields.trans_id as string) : null,
      employeeId: kind === 'count' ? (fields.employee_id as string) : '',
      leadingZeros: false,
    },
  };
}

/** What a partition is recognised by when it is read again: the event, or the bytes of a message that is none. */
export function messageIdentity(value: Buffer | null, decoded: Decoded): string {
  return 'event' in decoded ? decoded.event.eventId : asUuid(hash('sha256', value ?? '', 'hex').slice(0, 32));
}

/** A copy: a slice of the whole text would keep all of it in memory. */
function rawStart(value: Buffer): string {
  return value
    .subarray(0, 4 * rawMaxChars)
    .toString('utf8')
    .slice(0, rawMaxChars);
}

function longField(fields: Record<string, unknown>): string | undefined {
  if (isLong(fields.trans_id)) return 'trans_id';
  return isLong(fields.employee_id) ? 'employee_id' : undefined;
}

function isLong(value: unknown): boolean {
  return (typeof value === 'string' ? value : String(value ?? '')).length > textMaxChars;
}

function wrongField(fields: Record<string, unknown> | null): string | undefined {
  if (typeof fields !== 'object' || fields === null) return 'the object';
  if (fields.kind !== 'change' && fields.kind !== 'count') return 'kind';
  if (typeof fields.event_id !== 'string' || !uuid.test(fields.event_id)) return 'event_id';
  if (!isId(fields.store_id)) return 'store_id';
  if (!isId(fields.item_id)) return 'item_id';
  if (typeof fields.date_time !== 'string' || !isDate(fields.date_time)) return 'date_time';
  if (!isId(fields.quantity) || Math.abs(fields.quantity) > quantityLimit) return 'quantity';
  if (fields.kind === 'count' && fields.quantity < 0) return 'quantity';
  if (typeof fields.sent_time !== 'string') return 'sent_time';
  if (fields.kind === 'count')
    return typeof fields.employee_id === 'string' && storable(fields.employee_id) ? undefined : 'employee_id';
  if (!isId(fields.change_type_id)) return 'change_type_id';
  const { trans_id: transId } = fields;
  return typeof transId === 'string' && transId !== '' && storable(transId) ? undefined : 'trans_id';
}

function storable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

let lastTime = '';
let lastDate = '';

/** Events in a row mostly share their minute, and their day, so only another day is checked against the calendar. */
function isDate(text: string): boolean {
  if (text === lastTime) return true;
  if (!localTime.test(text)) return false;
  if (!isDay(text)) return false;
  lastTime = text;
  return true;
}

function isDay(text: string): boolean {
  const date = text.slice(0, 10);
  if (date === lastDate) return true;
  const at = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== date) return false;
  lastDate = date;
  return true;
}
