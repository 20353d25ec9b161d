import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { IdentifiedEvent } from '../../../lib/core/types.ts';
import { decodeEvent, encodeEvent, messageIdentity } from '../../../lib/kafka/eventMessage.ts';

const sale: IdentifiedEvent = {
  kind: 'change',
  eventId: '74253dcc-544d-42cf-1d3c-c11ec8c4741e',
  storeId: 1,
  itemId: 85123,
  dateTime: '2010-12-01 08:26:00',
  quantity: -6,
  changeTypeId: 1,
  transId: '536365',
  employeeId: '',
  leadingZeros: false,
};
const shelf: IdentifiedEvent = {
  ...sale,
  kind: 'count',
  quantity: 6,
  changeTypeId: null,
  transId: null,
  employeeId: 'E7',
};
const from = { file: 'inventory_change_1.csv', line: 2 };
const sent = '2026-11-05T09:00:00.000Z';
const bytes = (event: IdentifiedEvent) => Buffer.from(encodeEvent(event, from, sent));

describe('encodeEvent', () => {
  test('writes a change as JSON with the field names of the outputs', () => {
    expect(JSON.parse(encodeEvent(sale, from, sent))).toEqual({
      kind: 'change',
      event_id: '74253dcc-544d-42cf-1d3c-c11ec8c4741e',
      store_id: 1,
      item_id: 85123,
      date_time: '2010-12-01 08:26:00',
      quantity: -6,
      change_type_id: 1,
      trans_id: '536365',
      sent_time: sent,
      file: 'inventory_change_1.csv',
      line: 2,
    });
  });

  test('writes a count with its employee and without a transaction', () => {
    expect(JSON.parse(encodeEvent(shelf, from, sent))).toEqual({
      kind: 'count',
      event_id: '74253dcc-544d-42cf-1d3c-c11ec8c4741e',
      store_id: 1,
      item_id: 85123,
      date_time: '2010-12-01 08:26:00',
      quantity: 6,
      employee_id: 'E7',
      sent_time: sent,
      file: 'inventory_change_1.csv',
      line: 2,
    });
  });
});

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('"', '\\', '\t', '\n\r', 'é💡', '\u2028', '\u001f', '{}', "'; --", '\ufffd', ''),
);
const clean = text.filter((one) => !one.includes('\0') && one.isWellFormed());
const anyEvent = fc
  .record({
    storeId: fc.maxSafeInteger(),
    itemId: fc.maxSafeInteger(),
    quantity: fc.integer({ min: -2_147_483_647, max: 2_147_483_647 }),
    changeTypeId: fc.maxSafeInteger(),
    free: clean,
    eventId: fc.uuid(),
    count: fc.boolean(),
  })
  .map(
    ({ free, count, changeTypeId, ...common }): IdentifiedEvent => ({
      ...sale,
      ...common,
      kind: count ? 'count' : 'change',
      quantity: count ? Math.abs(common.quantity) : common.quantity,
      changeTypeId: count ? null : changeTypeId,
      transId: count ? null : free || 'T',
      employeeId: count ? free : '',
    }),
  );

test('every event comes back as it was sent, whatever text is in it', () => {
  fc.assert(
    fc.property(anyEvent, clean, fc.integer({ min: 1 }), (event, file, line) => {
      const value = Buffer.from(encodeEvent(event, { file, line }, sent));
      expect(decodeEvent(value)).toEqual({ event, sentTime: sent });
    }),
    { seed: 31, numRuns: 400 },
  );
});

test('whatever bytes stand in the topic, reading them never throws', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array().map(Buffer.from),
        fc.json().map((json) => Buffer.from(json)),
      ),
      (value) => {
        expect(Object.keys(decodeEvent(value)).sort()).toEqual(['raw', 'reason']);
      },
    ),
    { seed: 32, numRuns: 400 },
  );
});

describe('decodeEvent', () => {
  test('says why a value is none', () => {
    expect(decodeEvent(null)).toEqual({ reason: 'a message without a value', raw: '' });
    expect(decodeEvent(Buffer.from(''))).toEqual({ reason: 'not JSON', raw: '' });
    expect(decodeEvent(Buffer.from('hello'))).toEqual({ reason: 'not JSON', raw: 'hello' });
    expect(decodeEvent(Buffer.from('null'))).toEqual({
      reason: 'the object is missing or of another kind',
      raw: 'null',
    });
    expect(decodeEvent(Buffer.from('[1]'))).toEqual({ reason: 'kind is missing or of another kind', raw: '[1]' });
  });

  test.each([
    ['kind', 'Change'],
    ['kind', undefined],
    ['event_id', 'x'],
    ['event_id', '74253DCC-544D-42CF-1D3C-C11EC8C4741E'],
    ['event_id', undefined],
    ['store_id', '1'],
    ['store_id', 1.5],
    ['store_id', null],
    ['item_id', 9_007_199_254_740_992],
    ['date_time', '2010-12-01'],
    ['date_time', '2010-02-30 00:00:00'],
    ['date_time', '2010-12-01 24:00:00'],
    ['date_time', '2010-12-01T08:26:00'],
    ['date_time', 0],
    ['quantity', 2_147_483_648],
    ['quantity', '6'],
    ['sent_time', 5],
    ['change_type_id', null],
    ['trans_id', null],
    ['trans_id', 5],
    ['trans_id', 'a\0b'],
    ['trans_id', '\ud800'],
  ])('a change whose %s is %j comes back with that reason and its text', (field, value) => {
    const raw = JSON.stringify({ ...JSON.parse(encodeEvent(sale, from, sent)), [field]: value });
    expect(decodeEvent(Buffer.from(raw))).toEqual({ reason: `${field} is missing or of another kind`, raw });
  });

  test.each([[undefined], [null], ['\0']])('a count whose employee_id is %j comes back with that reason', (value) => {
    const raw = JSON.stringify({ ...JSON.parse(encodeEvent(shelf, from, sent)), employee_id: value });
    expect(decodeEvent(Buffer.from(raw))).toEqual({ reason: 'employee_id is missing or of another kind', raw });
  });

  test.each([
    ['date_time', '2010-12-01 08:60:00'],
    ['date_time', '2010-12-01 08:26:99'],
    ['date_time', '0000-01-01 00:00:00'],
    ['trans_id', ''],
  ])('a change whose %s is %j is not taken for an event', (field, value) => {
    const raw = JSON.stringify({ ...JSON.parse(encodeEvent(sale, from, sent)), [field]: value });
    expect('event' in decodeEvent(Buffer.from(raw))).toBe(false);
  });

  test.each([
    ['trans_id', sale],
    ['employee_id', shelf],
  ])('%s may have 256 characters and no more', (field, event) => {
    const of = (text: string) => JSON.stringify({ ...JSON.parse(bytes(event).toString()), [field]: text });
    expect('event' in decodeEvent(Buffer.from(of('é'.repeat(256))))).toBe(true);
    const raw = of('x'.repeat(257));
    expect(decodeEvent(Buffer.from(raw))).toEqual({ reason: `${field} is longer than 256 characters`, raw });
  });

  test('keeps the beginning alone of a message of megabytes', () => {
    const decoded = decodeEvent(Buffer.alloc(2_000_000, 'ü'));
    expect(decoded).toEqual({ reason: 'not JSON', raw: 'ü'.repeat(2_000) });
  });

  test('a negative count is not taken for an event', () => {
    expect('event' in decodeEvent(bytes({ ...shelf, quantity: -1 }))).toBe(false);
  });

  test('does not mind fields that it does not know', () => {
    const raw = JSON.stringify({ ...JSON.parse(bytes(sale).toString()), colour: 'red' });
    expect(decodeEvent(Buffer.from(raw))).toEqual({ event: sale, sentTime: sent });
  });

  test('a time that was wrong stays wrong after a right one of the same day', () => {
    const wrong = JSON.stringify({ ...JSON.parse(bytes(sale).toString()), date_time: '2010-12-01 25:00:00' });
    expect('event' in decodeEvent(bytes(sale))).toBe(true);
    expect('event' in decodeEvent(Buffer.from(wrong))).toBe(false);
  });
});

test('a message is recognised by its event, or by its bytes where it is none', () => {
  const identity = (value: Buffer | null) => messageIdentity(value, decodeEvent(value));
  expect(identity(bytes(sale))).toBe(sale.eventId);
  expect(identity(Buffer.from('poison'))).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(identity(Buffer.from('poison'))).not.toBe(identity(Buffer.from('Poison')));
  expect(identity(null)).toBe(identity(Buffer.from('')));
});
