import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { counterEventId, eventId, rowFingerprint } from '../../../lib/core/eventIdentity.ts';
import { readHeader } from '../../../lib/core/header.ts';
import { rowParser } from '../../../lib/core/parseRow.ts';
import type { EventRow } from '../../../lib/core/types.ts';

const sale: EventRow = {
  kind: 'change',
  storeId: 1,
  itemId: 85123,
  dateTime: '2010-12-01 08:26:00',
  quantity: -6,
  changeTypeId: 1,
  transId: '536365',
  employeeId: '',
  leadingZeros: false,
};
const shelf: EventRow = { ...sale, kind: 'count', quantity: 6, changeTypeId: null, transId: null, employeeId: 'E7' };
const id = (row: EventRow, n = 1) => eventId(row, rowFingerprint(row), n);

function idOfLine(line: string): string {
  const read = readHeader('trans_id,item_id,store_id,date_time,quantity,change_type_id'.split(','), 'change');
  if ('refusal' in read) throw new Error(read.refusal);
  const parsed = rowParser('change', read.header, {
    dateOrderOf: () => 'mdy',
    earliest: '2000-01-01 00:00:00',
    latestOf: () => '2030-01-01 00:00:00',
  })(line.split(','));
  if ('rejection' in parsed) throw new Error(parsed.rejection.reason);
  return id(parsed.row);
}

describe('the identity of a change', () => {
  test('is a lower-case uuid that stays what it was in earlier versions', () => {
    expect(id(sale)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
    // The first 32 digits of what sha256sum says of `c␟1␟85123␟…`, `2␟c␟1␟85123␟…` and `s␟1␟85123␟…`.
    expect([id(sale), id(sale, 2), id(shelf)]).toEqual([
      '74253dcc-544d-42cf-1d3c-c11ec8c4741e',
      '2211fb2f-8f9d-3636-2cb8-4e0c6856a876',
      'e48477c3-24c6-5a0c-0234-686d3a0a52b8',
    ]);
  });

  test('is the same however the line was written', () => {
    const plain = idOfLine('{536365},85123,1,12/1/2010 8:26,5,1');
    expect(idOfLine('536365,+85123,1.0,2010-12-01 08:26:00, +5 ,01')).toBe(plain);
    expect(idOfLine('{536365},085123,1,12/01/2010 08:26,5.0,1')).toBe(plain);
  });

  test('does not hold leading zeros', () => {
    expect(id({ ...sale, leadingZeros: true })).toBe(id(sale));
  });

  test.each([
    ['store', { storeId: 2 }],
    ['item', { itemId: 85124 }],
    ['time', { dateTime: '2010-12-01 08:26:01' }],
    ['quantity', { quantity: 6 }],
    ['change type', { changeTypeId: 4 }],
    ['transaction', { transId: '536366' }],
  ])('is another with another %s', (_, other) => {
    expect(id({ ...sale, ...other })).not.toBe(id(sale));
  });

  test('counts identical lines: each n is an event of its own, the same each time', () => {
    const ids = [1, 2, 3, 11].map((n) => id(sale, n));
    expect(new Set(ids).size).toBe(4);
    expect([1, 2, 3, 11].map((n) => id(sale, n))).toEqual(ids);
    expect(ids[0]?.replaceAll('-', '')).toBe(rowFingerprint(sale));
  });
});

describe('the identity of a count', () => {
  test('has no n: the same count twice is one count', () => {
    expect([id(shelf, 2), id(shelf, 3)]).toEqual([id(shelf), id(shelf)]);
  });

  test.each([
    ['store', { storeId: 2 }],
    ['item', { itemId: 85124 }],
    ['time', { dateTime: '2010-12-01 08:27:00' }],
    ['employee', { employeeId: '' }],
    ['quantity', { quantity: 7 }],
  ])('is another with another %s', (_, other) => {
    expect(id({ ...shelf, ...other })).not.toBe(id(shelf));
  });
});

test('digits never wander from one value into the next', () => {
  expect(id({ ...sale, storeId: 1, itemId: 23 })).not.toBe(id({ ...sale, storeId: 12, itemId: 3 }));
  expect(id({ ...sale, changeTypeId: 1, transId: '23' })).not.toBe(id({ ...sale, changeTypeId: 12, transId: '3' }));
});

test('two changes share an identity only where all their values are the same', () => {
  const row = fc.record({
    storeId: fc.integer({ min: 0, max: 2 }),
    itemId: fc.integer({ min: 0, max: 2 }),
    quantity: fc.integer({ min: -1, max: 1 }),
    changeTypeId: fc.integer({ min: 1, max: 2 }),
    transId: fc.constantFrom('1', '11', '1\u001f1', '\u001f', 'é', 'e\u0301', '2\u001f1'),
    n: fc.integer({ min: 1, max: 3 }),
  });
  const key = ({
    storeId,
    itemId,
    quantity,
    changeTypeId,
    transId,
    n,
  }: typeof row extends fc.Arbitrary<infer R> ? R : never) =>
    JSON.stringify([storeId, itemId, quantity, changeTypeId, transId, n]);
  fc.assert(
    fc.property(row, row, (a, b) => {
      expect(id({ ...sale, ...a }, a.n) === id({ ...sale, ...b }, b.n)).toBe(key(a) === key(b));
    }),
    { seed: 19, numRuns: 300 },
  );
});

test('a counter-event has an identity of its own, always the same for the event that it takes back', () => {
  const id = '0f1c2d3e-4a5b-6c7d-8e9f-0a1b2c3d4e5f';
  expect(counterEventId(id)).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(counterEventId(id)).toBe(counterEventId(id));
  expect(new Set([id, counterEventId(id), counterEventId(counterEventId(id))]).size).toBe(3);
});
