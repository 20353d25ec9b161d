import type { Header } from './header.ts';
import type { EventRow } from './types.ts';

/**
 * Reads one line of an export straight from a text that holds no quote, where it is written the plain way: the right
 * number of fields, whole numbers of digits alone, nothing to trim. undefined for every other line, which the row
 * parser then judges field by field. `start` and `end` are the line's, without its line end.
 */
export type PlainLine = (text: string, start: number, end: number) => EventRow | undefined;

/** A valid time of a store as the outputs write it; anything else for one that is not. */
type TimeParser = (text: string, storeId: number) => string | object;

const comma = 44;
const plus = 43;
const minus = 45;
const zero = 48;
const openBrace = 123;
const closeBrace = 125;
/** So many digits are surely within ±(2^53−1), and so many within a quantity's bounds. */
const idDigits = 15;
const quantityDigits = 9;

/** Half a million lines pass here in a second, so nothing is cut out of the text but what the row keeps. */
export function plainLine(kind: 'change' | 'count', header: Header, time: TimeParser, textMaxChars: number): PlainLine {
  const at = (column: string) => header.position[column] ?? -1;
  const [store, item, when, units] = [at('store_id'), at('item_id'), at('date_time'), at('quantity')];
  const [type, transaction, employee] = [at('change_type_id'), at('trans_id'), at('employee_id')];
  const { width } = header;
  /** Field n of the line is [bounds[n] + 1, bounds[n + 1]). */
  const bounds = new Int32Array(width + 1);
  let lastWhen = '';
  let lastStore = Number.NaN;
  let lastTime = '';
  let leadingZeros = false;

  return (text, start, end) => {
    if (!findFields(text, start, end)) return undefined;
    leadingZeros = false;
    const storeId = wholeNumber(text, store, idDigits);
    const itemId = wholeNumber(text, item, idDigits);
    const quantity = quantityOf(text);
    if (storeId === undefined || itemId === undefined || quantity === undefined) return undefined;
    if (kind === 'count') {
      const employeeId = quantity < 0 ? undefined : words(text, from(employee), to(employee));
      const dateTime = employeeId === undefined ? undefined : timeOf(text, storeId);
      if (employeeId === undefined || dateTime === undefined) return undefined;
      return { kind, storeId, itemId, dateTime, quantity, leadingZeros, changeTypeId: null, transId: null, employeeId };
    }
    const changeTypeId = wholeNumber(text, type, idDigits);
    const transId = transactionOf(text);
    if (changeTypeId === undefined || transId === undefined) return undefined;
    const dateTime = timeOf(text, storeId);
    if (dateTime === undefined) return undefined;
    return { kind, storeId, itemId, dateTime, quantity, leadingZeros, changeTypeId, transId, employeeId: '' };
  };

  function from(field: number): number {
    return (bounds[field] as number) + 1;
  }

  function to(field: number): number {
    return bounds[field + 1] as number;
  }

  function findFields(text: string, start: number, end: number): boolean {
    bounds[0] = start - 1;
    let fields = 0;
    for (let position = start; position < end; position += 1) {
      if (text.charCodeAt(position) !== comma) continue;
      fields += 1;
      if (fields >= width) return false;
      bounds[fields] = position;
    }
    bounds[fields + 1] = end;
    return fields + 1 === width;
  }

  function wholeNumber(text: string, field: number, maxDigits: number): number | undefined {
    let position = from(field);
    const end = to(field);
    const sign = text.charCodeAt(position);
    if (sign === minus || sign === plus) position += 1;
    const digits = end - position;
    if (digits < 1 || digits > maxDigits) return undefined;
    if (digits > 1 && text.charCodeAt(position) === zero) leadingZeros = true;
    let value = 0;
    for (; position < end; position += 1) {
      const digit = text.charCodeAt(position) - zero;
      if (digit < 0 || digit > 9) return undefined;
      value = value * 10 + digit;
    }
    return sign === minus ? 0 - value : value;
  }

  /** Leading zeros are told of ids alone. */
  function quantityOf(text: string): number | undefined {
    const before = leadingZeros;
    const quantity = wholeNumber(text, units, quantityDigits);
    leadingZeros = before;
    return quantity;
  }

  function transactionOf(text: string): string | undefined {
    let [first, end] = [from(transaction), to(transaction)];
    const braces = text.charCodeAt(first) === openBrace && text.charCodeAt(end - 1) === closeBrace;
    if (braces && end - first > 1) {
      first += 1;
      end -= 1;
    }
    return first === end ? undefined : words(text, first, end);
  }

  /** Text that bears no trimming, as it stands; undefined where its first or last character is not plain ASCII. */
  function words(text: string, first: number, end: number): string | undefined {
    if (first === end) return '';
    if (end - first > textMaxChars || !isPlain(text.charCodeAt(first)) || !isPlain(text.charCodeAt(end - 1))) {
      return undefined;
    }
    return text.slice(first, end);
  }

  /** Lines in a row mostly share their minute. */
  function timeOf(text: string, storeId: number): string | undefined {
    const [first, end] = [from(when), to(when)];
    if (storeId === lastStore && end - first === lastWhen.length && text.startsWith(lastWhen, first)) return lastTime;
    const written = text.slice(first, end);
    const parsed = time(written, storeId);
    if (typeof parsed !== 'string') return undefined;
    lastWhen = written;
    lastStore = storeId;
    lastTime = parsed;
    return parsed;
  }
}

function isPlain(code: number): boolean {
  return code > 32 && code < 127;
}
