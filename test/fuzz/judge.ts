import { isUtf8 } from 'node:buffer';

/** What a physical line of an event file must become; `either`: quotes that no standard settles, so one of the two. */
export type Verdict =
  | Readonly<{ what: 'header' | 'blank' | 'headerAgain' | 'rejected' }>
  | Readonly<{ what: 'either' }>
  | Readonly<{ what: 'loaded'; values: JudgedValues }>;
export type JudgedValues = Readonly<{
  store: bigint;
  item: bigint;
  time: string;
  quantity: bigint;
  type: bigint | null;
  trans: string | null;
  employee: string;
}>;

/** Ids of any length up to this are loaded; longer ones may be bounded. */
const longestCertainId = 256;
const [idLimit, quantityLimit] = [2n ** 53n - 1n, 2n ** 31n - 1n];

/**
 * An independent reading of product.md, line by line: verdicts by physical line, the header being line 1. Shares no code
 * with lib/: lines are cut at line feeds of the bytes, fields by hand, numbers go by BigInt, dates by Date.
 */
export function judge(bytes: Buffer, kind: 'change' | 'count', latest = '2030-01-01 00:00:00'): Verdict[] {
  const lines: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const feed = bytes.indexOf(10, start);
    lines.push(bytes.subarray(start, feed < 0 ? bytes.length : feed));
    start = feed < 0 ? bytes.length : feed + 1;
  }
  const names = (splitFields(textOf(lines[0] ?? Buffer.alloc(0))) ?? []).map((name) => name.trim().toLowerCase());
  return lines.map((line, at) => (at === 0 ? { what: 'header' } : judgeLine(line, names, kind, latest)));
}

/** The line as text, without the byte-order mark that glued files have at its start. */
function textOf(line: Buffer): string {
  return line
    .toString('utf8')
    .trimEnd()
    .replace(/^\ufeff/, '');
}

function judgeLine(line: Buffer, names: readonly string[], kind: 'change' | 'count', latest: string): Verdict {
  if (!isUtf8(line) || line.includes(0)) return { what: 'rejected' };
  const text = textOf(line);
  if (text.trim() === '') return { what: 'blank' };
  // Whether quotes pair up is all that a line with an odd number of them can be asked.
  if (text.split('"').length % 2 === 0) return { what: 'rejected' };
  const fields = splitFields(text);
  if (fields === undefined) return { what: 'either' };
  const values = valuesOf(fields, names, kind);
  if (values !== undefined && values.time <= latest) {
    const long = Math.max(values.trans?.length ?? 0, values.employee.length) > longestCertainId;
    return long ? { what: 'either' } : { what: 'loaded', values };
  }
  const again = fields.length === names.length && fields.every((field, at) => field.trim().toLowerCase() === names[at]);
  return { what: again ? 'headerAgain' : 'rejected' };
}

/** Fields of a line whose quotes are all as RFC 4180 has them, spaces after a closing one allowed; else undefined. */
export function splitFields(text: string): string[] | undefined {
  if (!text.includes('"')) return text.split(',');
  const fields: string[] = [];
  for (let at = 0; ; at += 1) {
    let field = '';
    if (text[at] === '"') {
      for (at += 1; text[at] !== '"' || text[at + 1] === '"'; at += 1) {
        if (at >= text.length) return undefined;
        if (text[at] === '"') at += 1;
        field += text[at];
      }
      for (at += 1; text[at] === ' '; ) at += 1;
    } else {
      for (; at < text.length && text[at] !== ','; at += 1) field += text[at];
      if (field.includes('"')) return undefined;
    }
    fields.push(field);
    if (at >= text.length) return fields;
    if (text[at] !== ',') return undefined;
  }
}

function valuesOf(fields: readonly string[], names: readonly string[], kind: 'change' | 'count') {
  if (fields.length !== names.length) return undefined;
  const cell = (column: string) => (fields[names.indexOf(column)] ?? '').trim();
  const [store, item] = [wholeNumber(cell('store_id'), idLimit), wholeNumber(cell('item_id'), idLimit)];
  const quantity = wholeNumber(cell('quantity'), quantityLimit);
  const time = localTime(cell('date_time'));
  if (store === undefined || item === undefined || quantity === undefined || time === undefined) return undefined;
  if (kind === 'count') {
    if (quantity < 0n) return undefined;
    return { store, item, time, quantity, type: null, trans: null, employee: cell('employee_id') };
  }
  const type = wholeNumber(cell('change_type_id'), idLimit);
  const written = cell('trans_id');
  const braces = written.length > 1 && written.startsWith('{') && written.endsWith('}');
  const trans = braces ? written.slice(1, -1).trim() : written;
  if (type === undefined || trans === '') return undefined;
  return { store, item, time, quantity, type, trans, employee: '' };
}

/** `5`, `+5`, `007`, `3.0` within ±limit, by BigInt. */
export function wholeNumber(text: string, limit: bigint): bigint | undefined {
  const sign = text[0] === '-' ? -1n : 1n;
  const unsigned = text[0] === '-' || text[0] === '+' ? text.slice(1) : text;
  const [whole = '', zeros = '0', ...more] = unsigned.split('.');
  const digits = (some: string, allowed: string) => some !== '' && [...some].every((one) => allowed.includes(one));
  if (more.length > 0 || !digits(whole, '0123456789') || !digits(zeros, '0')) return undefined;
  const value = sign * BigInt(whole);
  return value <= limit && value >= -limit ? value : undefined;
}

/** `M/d/yyyy H:mm[:ss]` or `yyyy-MM-dd H:mm[:ss]` within 2000 and the first moment of 2030, by Date. */
export function localTime(text: string): string | undefined {
  const [date = '', ...rest] = text.split(' ').filter((part) => part !== '');
  const [clock = ''] = rest;
  if (rest.length !== 1) return undefined;
  const slashed = date.includes('/');
  const parts = date.split(slashed ? '/' : '-');
  const [year = '', month = '', day = ''] = slashed ? [parts[2], parts[0], parts[1]] : parts;
  const [hour = '', minute = '', second = '00', ...more] = clock.split(':');
  const numeric = (some: string, from: number, to: number) =>
    some.length >= from && some.length <= to && [...some].every((one) => '0123456789'.includes(one));
  const dateDigits = slashed ? 1 : 2;
  if (parts.length !== 3 || more.length > 0 || !numeric(year, 4, 4) || !numeric(hour, 1, 2)) return undefined;
  if (!numeric(month, dateDigits, 2) || !numeric(day, dateDigits, 2)) return undefined;
  if (!numeric(minute, 2, 2) || !numeric(second, 2, 2)) return undefined;
  const asked = [year, month, day, hour, minute, second].map(Number);
  const at = new Date(Date.UTC(...(asked.with(1, (asked[1] ?? 0) - 1) as [number, number, number])));
  const got = [
    at.getUTCFullYear(),
    at.getUTCMonth() + 1,
    at.getUTCDate(),
    at.getUTCHours(),
    at.getUTCMinutes(),
    at.getUTCSeconds(),
  ];
  if (got.some((value, place) => value !== asked[place])) return undefined;
  const local = at.toISOString().slice(0, 19).replace('T', ' ');
  return local >= '2000-01-01 00:00:00' && local <= '2030-01-01 00:00:00' ? local : undefined;
}
