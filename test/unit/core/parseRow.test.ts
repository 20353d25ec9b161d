import { describe, expect, test } from '@jest/globals';
import { readHeader } from '../../../lib/core/header.ts';
import { type RowParser, type RowRules, rowParser, stripBraces } from '../../../lib/core/parseRow.ts';

const rules: RowRules = {
  dateOrderOf: () => 'mdy',
  earliest: '2000-01-01 00:00:00',
  latestOf: () => '2026-11-24 12:00:00',
};

function parserOf(kind: 'change' | 'count', header: string, other: Partial<RowRules> = {}): RowParser {
  const read = readHeader(header.split(','), kind);
  if ('refusal' in read) throw new Error(read.refusal);
  return rowParser(kind, read.header, { ...rules, ...other });
}

const parseChange = parserOf('change', 'trans_id,item_id,store_id,date_time,quantity,change_type_id');
const parseCount = parserOf('count', 'item_id,employee_id,store_id,date_time,quantity');
const change = (line: string) => parseChange(line.split(','));
const count = (line: string) => parseCount(line.split(','));
const columnOf = (parsed: ReturnType<RowParser>) => ('rejection' in parsed ? parsed.rejection.column : 'loaded');

describe('a change', () => {
  test('comes out with its values normalised', () => {
    expect(change('{536365},85123,1,12/1/2010 8:26,-6,1')).toEqual({
      row: {
        kind: 'change',
        storeId: 1,
        itemId: 85123,
        dateTime: '2010-12-01 08:26:00',
        quantity: -6,
        leadingZeros: false,
        changeTypeId: 1,
        transId: '536365',
        employeeId: '',
      },
    });
  });

  test('is the same however its numbers, its time and its spaces are written', () => {
    const plain = change('{A1},5,3,12/1/2010 8:26,5,1');
    expect(change(' {A1} , +5 ,3.0, 2010-12-01 08:26:00 ,+5.00,1.0\r')).toEqual(plain);
    expect(change('A1,5,3,2010-12-01 8:26,5,1')).toEqual(plain);
    expect(change('{ A1 },5,3,12/01/2010 08:26:00,05,1')).toEqual(plain);
  });

  test('tells leading zeros of its ids, not of its quantity', () => {
    const zeros = (line: string) => {
      const parsed = change(line);
      return 'row' in parsed && parsed.row.leadingZeros;
    };
    expect(zeros('T,007,3,12/1/2010 8:26,5,1')).toBe(true);
    expect(zeros('T,7,03,12/1/2010 8:26,5,1')).toBe(true);
    expect(zeros('T,7,3,12/1/2010 8:26,5,01')).toBe(true);
    expect(zeros('T,7,0,12/1/2010 8:26,05,1')).toBe(false);
  });

  test.each([
    ['quantity', '3.5'],
    ['quantity', '1e3'],
    ['quantity', 'NaN'],
    ['quantity', ''],
    ['quantity', '2147483648'],
    ['quantity', '-2147483648'],
    ['item_id', ''],
    ['item_id', '9007199254740992'],
    ['item_id', '22A'],
    ['store_id', ''],
    ['store_id', 'online'],
    ['change_type_id', ''],
    ['change_type_id', 'sale'],
    ['change_type_id', '1.5'],
    ['trans_id', ''],
    ['trans_id', '  '],
    ['trans_id', '{}'],
    ['trans_id', '{ }'],
    ['date_time', ''],
    ['date_time', '12/31/2010 24:00'],
    ['date_time', '2010-2-3'],
  ])('is rejected for its %s %j, naming that column', (column, value) => {
    const fields = { trans_id: 'T', item_id: '5', store_id: '1', date_time: '12/1/2010 8:26', quantity: '1' };
    const all = { ...fields, change_type_id: '1', [column]: value };
    const parsed = parseChange([
      all.trans_id,
      all.item_id,
      all.store_id,
      all.date_time,
      all.quantity,
      all.change_type_id,
    ]);
    expect(columnOf(parsed)).toBe(column);
  });

  test('keeps a quantity of 0, an unusual sign, an unknown type and negative ids', () => {
    expect(columnOf(change('T,5,1,12/1/2010 8:26,0,1'))).toBe('loaded');
    expect(columnOf(change('T,5,1,12/1/2010 8:26,7,1'))).toBe('loaded');
    expect(columnOf(change('T,5,1,12/1/2010 8:26,-7,3'))).toBe('loaded');
    expect(columnOf(change('T,5,1,12/1/2010 8:26,-7,99'))).toBe('loaded');
    expect(columnOf(change('T,-5,-1,12/1/2010 8:26,-7,-1'))).toBe('loaded');
  });

  test('may have a transaction of 256 characters, braces not counted, and none longer', () => {
    expect(columnOf(change(`{${'é'.repeat(256)}},5,1,12/1/2010 8:26,-7,1`))).toBe('loaded');
    expect(change(`${'x'.repeat(257)},5,1,12/1/2010 8:26,-7,1`)).toEqual({
      rejection: { column: 'trans_id', value: 'x'.repeat(257), reason: 'longer than 256 characters' },
    });
    expect(columnOf(count(`5,${'x'.repeat(256)},1,12/1/2010 8:26,7`))).toBe('loaded');
    expect(columnOf(count(`5,${'x'.repeat(257)},1,12/1/2010 8:26,7`))).toBe('employee_id');
  });

  test('writes negative zero as zero', () => {
    const parsed = change('T,-0,-0,12/1/2010 8:26,-0,-0');
    expect('row' in parsed && Object.values(parsed.row).some((value) => Object.is(value, -0))).toBe(false);
  });

  test('is rejected with too few or too many fields, a trailing comma included', () => {
    expect(change('T,5,1,12/1/2010 8:26,-7')).toEqual({
      rejection: { column: '', value: '5', reason: 'too few fields: expected 6, got 5' },
    });
    expect(change('T,5,1,12/1/2010 8:26,-7,1,')).toEqual({
      rejection: { column: '', value: '7', reason: 'too many fields: expected 6, got 7' },
    });
    expect(columnOf(parseChange(['']))).toBe('');
  });

  test('gives value and rule of the first column that is wrong', () => {
    expect(change('T,5,1,12/1/2010 8:26, 3.5 ,1')).toEqual({
      rejection: { column: 'quantity', value: '3.5', reason: 'expected a whole number within ±2147483647' },
    });
  });

  test('keeps what is in the transaction beyond its braces', () => {
    const transOf = (text: string) => {
      const parsed = parseChange([text, '5', '1', '12/1/2010 8:26', '1', '1']);
      return 'row' in parsed ? parsed.row.transId : undefined;
    };
    expect(['{a-b}', '{a', 'a}', 'a"b,c', '007', '=1+1', 'Ünï💡'].map(transOf)).toEqual([
      'a-b',
      '{a',
      'a}',
      'a"b,c',
      '007',
      '=1+1',
      'Ünï💡',
    ]);
  });

  test('is read by column name, past an id column and unknown columns', () => {
    const parse = parserOf('change', 'id,quantity,note,change_type_id,date_time,store_id,item_id,trans_id');
    const parsed = parse(['99', '-2', 'hello', '1', '12/1/2010 8:26', '4', '5', '{T}']);
    expect('row' in parsed && [parsed.row.quantity, parsed.row.storeId, parsed.row.itemId, parsed.row.transId]).toEqual(
      [-2, 4, 5, 'T'],
    );
  });
});

describe('a count', () => {
  test('comes out with its employee, who may be missing', () => {
    expect(count('5, E7 ,1,12/1/2010 8:26,+12')).toEqual({
      row: {
        kind: 'count',
        storeId: 1,
        itemId: 5,
        dateTime: '2010-12-01 08:26:00',
        quantity: 12,
        leadingZeros: false,
        changeTypeId: null,
        transId: null,
        employeeId: 'E7',
      },
    });
    expect(count('5,,0,12/1/2010 8:26,0')).toMatchObject({ row: { employeeId: '', quantity: 0 } });
  });

  test('is rejected where it is negative', () => {
    expect(count('5,,0,12/1/2010 8:26,-1')).toEqual({
      rejection: { column: 'quantity', value: '-1', reason: 'a count cannot be negative' },
    });
  });
});

describe('times', () => {
  test('before MIN_DATE are rejected, at its midnight not', () => {
    expect(columnOf(change('T,5,1,1999-12-31 23:59:59,1,1'))).toBe('date_time');
    expect(columnOf(change('T,5,1,2000-01-01 00:00,1,1'))).toBe('loaded');
    expect(columnOf(change('T,5,1,0000-01-01 00:00,1,1'))).toBe('date_time');
  });

  test('after the latest of the store are rejected, at it not', () => {
    const parse = parserOf('change', 'trans_id,item_id,store_id,date_time,quantity,change_type_id', {
      latestOf: (storeId) => (storeId === 1 ? '2026-11-24 12:00:00' : '2026-11-24 21:00:00'),
    });
    const at = (store: number, time: string) => columnOf(parse(['T', '5', String(store), time, '1', '1']));
    expect(at(1, '2026-11-24 12:00:00')).toBe('loaded');
    expect(at(1, '2026-11-24 12:00:01')).toBe('date_time');
    expect(at(2, '2026-11-24 12:00:01')).toBe('loaded');
    expect(at(2, '2026-11-24 21:00:01')).toBe('date_time');
    expect(at(1, '9999-12-31 23:59')).toBe('date_time');
  });

  test('go by the order of day and month of their store', () => {
    const parse = parserOf('change', 'trans_id,item_id,store_id,date_time,quantity,change_type_id', {
      dateOrderOf: (storeId) => (storeId === 3 ? 'dmy' : 'mdy'),
    });
    const at = (store: number) => {
      const parsed = parse(['T', '5', String(store), '1/2/2026 9:00', '1', '1']);
      return 'row' in parsed && parsed.row.dateTime;
    };
    expect([at(3), at(1), at(3)]).toEqual(['2026-02-01 09:00:00', '2026-01-02 09:00:00', '2026-02-01 09:00:00']);
  });

  test('that only fit the other order are rejected with that hint', () => {
    expect(change('T,5,1,31/12/2010 8:26,1,1')).toEqual({
      rejection: {
        column: 'date_time',
        value: '31/12/2010 8:26',
        reason: 'expected M/d/yyyy H:mm or yyyy-MM-dd HH:mm[:ss]; it fits DATE_ORDER=dmy',
      },
    });
    expect(change('T,5,1,32/13/2010 8:26,1,1')).toMatchObject({
      rejection: { reason: 'expected M/d/yyyy H:mm or yyyy-MM-dd HH:mm[:ss]' },
    });
  });
});

test.each([
  ['{536365}', '536365'],
  ['{ 536365 }', '536365'],
  ['536365', '536365'],
  ['{', '{'],
  ['}', '}'],
  ['{}', ''],
  ['', ''],
  ['{a}b', '{a}b'],
])('stripBraces makes %j into %j', (text, stripped) => {
  expect(stripBraces(text)).toBe(stripped);
});
