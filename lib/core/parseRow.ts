import type { Header } from './header.ts';
import { type DayMonthOrder, parseLocalTime } from './localTime.ts';
import { type PlainLine, plainLine } from './plainRow.ts';
import type { EventRow, Parsed, Rejection } from './types.ts';
import { hasLeadingZeros, idLimit, parseWholeNumber, quantityLimit } from './wholeNumber.ts';

/** A longer transaction or employee is no id of an export, and no key that PostgreSQL could index. */
export const textMaxChars = 256;

/** What the rules of a row depend on, besides the row. Times are local, `yyyy-MM-dd HH:mm:ss`. */
export type RowRules = {
  readonly dateOrderOf: (storeId: number) => DayMonthOrder;
  /** Rows before this local time are rejected: `MIN_DATE`. */
  readonly earliest: string;
  /** Rows after the store's wall clock plus `MAX_FUTURE_HOURS` are rejected. */
  readonly latestOf: (storeId: number) => string;
};

const tooLong = `longer than ${textMaxChars} characters`;

/** Judges the fields of a line; `plain` reads a plainly written line without cutting it into fields first. */
export type RowParser = ((fields: readonly string[]) => Parsed<EventRow>) & { readonly plain: PlainLine };

/**
 * A parser for the lines of one change or count file. A row that breaks a rule comes back as a value with column,
 * value and reason; nothing throws. Source: product.md, Rules of the data and Settled in detail.
 */
export function rowParser(kind: 'change' | 'count', header: Header, rules: RowRules): RowParser {
  const at = header.position;
  const cell = (fields: readonly string[], column: string) => (fields[at[column] ?? -1] ?? '').trim();
  const time = timeParser(rules);

  const parse = (fields: readonly string[]): Parsed<EventRow> => {
    if (fields.length !== header.width) {
      const word = fields.length < header.width ? 'few' : 'many';
      return reject('', String(fields.length), `too ${word} fields: expected ${header.width}, got ${fields.length}`);
    }
    const storeText = cell(fields, 'store_id');
    const itemText = cell(fields, 'item_id');
    const storeId = parseWholeNumber(storeText, idLimit);
    if (storeId === undefined) return reject('store_id', storeText, 'expected a whole number within ±(2^53-1)');
    const itemId = parseWholeNumber(itemText, idLimit);
    if (itemId === undefined) return reject('item_id', itemText, 'expected a whole number within ±(2^53-1)');
    const timeText = cell(fields, 'date_time');
    const dateTime = time(timeText, storeId);
    if (typeof dateTime !== 'string') return { rejection: dateTime };
    const quantityText = cell(fields, 'quantity');
    const quantity = parseWholeNumber(quantityText, quantityLimit);
    if (quantity === undefined) {
      return reject('quantity', quantityText, 'expected a whole number within ±2147483647');
    }
    const leadingZeros = hasLeadingZeros(storeText) || hasLeadingZeros(itemText);
    const common = { storeId, itemId, dateTime, quantity, leadingZeros };

    if (kind === 'count') {
      if (quantity < 0) return reject('quantity', quantityText, 'a count cannot be negative');
      const employeeId = cell(fields, 'employee_id');
      if (employeeId.length > textMaxChars) return reject('employee_id', employeeId, tooLong);
      return { row: { kind, ...common, changeTypeId: null, transId: null, employeeId } };
    }
    const transId = stripBraces(cell(fields, 'trans_id'));
    if (transId === '') return reject('trans_id', '', 'a change needs its transaction');
    if (transId.length > textMaxChars) return reject('trans_id', transId, tooLong);
    const typeText = cell(fields, 'change_type_id');
    const changeTypeId = parseWholeNumber(typeText, idLimit);
    if (changeTypeId === undefined) {
      return reject('change_type_id', typeText, 'expected a whole number within ±(2^53-1)');
    }
    const zeros = leadingZeros || hasLeadingZeros(typeText);
    return { row: { kind, ...common, leadingZeros: zeros, changeTypeId, transId, employeeId: '' } };
  };
  return Object.assign(parse, { plain: plainLine(kind, header, time, textMaxChars) });
}

/** `{536365}` as exports write it is transaction `536365`. */
export function stripBraces(text: string): string {
  return text.startsWith('{') && text.endsWith('}') && text.length > 1 ? text.slice(1, -1).trim() : text;
}

/** Lines in a row mostly share their minute, so the last answer is kept. */
function timeParser(rules: RowRules): (text: string, storeId: number) => string | Rejection {
  let lastText: string | undefined;
  let lastStore: number | undefined;
  let lastAnswer: string | Rejection = '';
  return (text, storeId) => {
    if (text !== lastText || storeId !== lastStore) {
      lastAnswer = checkTime(text, storeId, rules);
      lastText = text;
      lastStore = storeId;
    }
    return lastAnswer;
  };
}

function checkTime(text: string, storeId: number, rules: RowRules): string | Rejection {
  const order = rules.dateOrderOf(storeId);
  const local = parseLocalTime(text, order);
  if (local === undefined) {
    const other = order === 'mdy' ? 'dmy' : 'mdy';
    const hint = parseLocalTime(text, other) === undefined ? '' : `; it fits DATE_ORDER=${other}`;
    const slashed = order === 'mdy' ? 'M/d/yyyy H:mm' : 'd/M/yyyy H:mm';
    return { column: 'date_time', value: text, reason: `expected ${slashed} or yyyy-MM-dd HH:mm[:ss]${hint}` };
  }
  if (local < rules.earliest) {
    return { column: 'date_time', value: text, reason: `before ${rules.earliest.slice(0, 10)} (MIN_DATE)` };
  }
  if (local > rules.latestOf(storeId)) {
    return { column: 'date_time', value: text, reason: 'in the future beyond MAX_FUTURE_HOURS: is that clock right?' };
  }
  return local;
}

function reject(column: string, value: string, reason: string): { rejection: Rejection } {
  return { rejection: { column, value, reason } };
}
