import { describe, expect, test } from '@jest/globals';
import { type Header, isHeaderAgain, readHeader } from '../../../lib/core/header.ts';

const change = ['trans_id', 'item_id', 'store_id', 'date_time', 'quantity', 'change_type_id'];

function headerOf(fields: readonly string[], kind: Parameters<typeof readHeader>[1] = 'change'): Header {
  const read = readHeader(fields, kind);
  if ('refusal' in read) throw new Error(read.refusal);
  return read.header;
}

describe('readHeader', () => {
  test('finds the columns in the order of the contract', () => {
    expect(headerOf(change)).toEqual({
      position: { trans_id: 0, item_id: 1, store_id: 2, date_time: 3, quantity: 4, change_type_id: 5 },
      names: change,
      width: 6,
      extra: [],
    });
  });

  test('finds the columns in any order, any case and with spaces around them', () => {
    const header = headerOf([' Quantity', 'CHANGE_TYPE_ID', 'Date_Time ', 'store_id', 'Item_ID', 'trans_id\r']);
    expect(header.position).toEqual({
      trans_id: 5,
      item_id: 4,
      store_id: 3,
      date_time: 2,
      quantity: 0,
      change_type_id: 1,
    });
  });

  test('ignores a leading id column without a word and reports every other unknown column', () => {
    expect(headerOf(['id', ...change]).extra).toEqual([]);
    expect(headerOf(['id', ...change]).position.trans_id).toBe(1);
    expect(headerOf(['id', ...change]).width).toBe(7);
    expect(headerOf([...change, 'id', 'Register']).extra).toEqual(['id', 'register']);
    expect(headerOf(['note', ...change, 'note']).extra).toEqual(['note', 'note']);
  });

  test('strips a byte-order mark that is left before the first name', () => {
    expect(headerOf(['\ufefftrans_id', ...change.slice(1)]).position.trans_id).toBe(0);
  });

  test('refuses the file with all missing columns in one sentence', () => {
    expect(readHeader(['trans_id', 'item_id', 'store_id', 'date_time'], 'change')).toEqual({
      refusal:
        'the header lacks quantity, change_type_id: expected ' +
        'trans_id,item_id,store_id,date_time,quantity,change_type_id, got trans_id,item_id,store_id,date_time',
    });
  });

  test('refuses the file where a known column stands twice, in whatever case', () => {
    expect(readHeader([...change, 'QUANTITY'], 'change')).toEqual({
      refusal:
        'the header names quantity twice, so its values are ambiguous: ' +
        'trans_id,item_id,store_id,date_time,quantity,change_type_id,quantity',
    });
    expect(readHeader(['store_id', 'name', 'timezone', 'timezone'], 'store')).toHaveProperty('refusal');
  });

  test('keeps the sentence short where the first line is no header but a megabyte of text', () => {
    const read = readHeader(['{"a":1'.repeat(100_000)], 'change');
    expect('refusal' in read && read.refusal.length).toBeLessThan(600);
  });

  test('refuses a file of semicolons, whose header is one field', () => {
    expect(readHeader([change.join(';')], 'change')).toHaveProperty('refusal');
  });

  test.each([
    ['count', ['item_id', 'employee_id', 'store_id', 'date_time', 'quantity']],
    ['changeType', ['change_type_id', 'change_type']],
    ['item', ['item_id', 'name', 'supplier_id', 'safety_stock_quantity']],
    ['store', ['store_id', 'name']],
  ] as const)('knows the columns of a %s file and needs each of them', (kind, columns) => {
    expect(headerOf(columns, kind).width).toBe(columns.length);
    for (const column of columns) {
      const read = readHeader(
        columns.filter((other) => other !== column),
        kind,
      );
      expect('refusal' in read && read.refusal.startsWith(`the header lacks ${column}:`)).toBe(true);
    }
  });

  test('takes the time zone of a store where the column is there', () => {
    expect(headerOf(['store_id', 'name'], 'store').position.timezone).toBe(-1);
    expect(headerOf(['timezone', 'store_id', 'name'], 'store').position.timezone).toBe(0);
  });
});

describe('isHeaderAgain', () => {
  const header = headerOf(['id', ...change]);

  test('knows the header line that comes again, in any case and with its line end', () => {
    expect(isHeaderAgain(['id', ...change], header)).toBe(true);
    expect(isHeaderAgain(['ID', ...change.slice(0, 5), 'Change_Type_Id\r'], header)).toBe(true);
    expect(isHeaderAgain(['\ufeffid', ...change], header)).toBe(true);
  });

  test('takes neither a row, nor a shorter line, nor another order for it', () => {
    expect(isHeaderAgain(['1', '{5}', '1', '1', '1/1/2026 0:00', '1', '1'], header)).toBe(false);
    expect(isHeaderAgain(change, header)).toBe(false);
    expect(isHeaderAgain([...change, 'id'], header)).toBe(false);
  });
});
