import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { handRunId, newestSlot, nextSlot, periodsBefore, slotRunId, slotsBetween } from '../../../lib/core/slots.ts';

const hourly = '0 * * * *';
const at = (text: string) => new Date(`${text}Z`);
const texts = (slots: readonly Date[]) => slots.map((slot) => slot.toISOString().slice(0, 16));

describe('newestSlot', () => {
  test.each([
    ['2026-11-05T09:17:00', '2026-11-05T09:00'],
    ['2026-11-05T09:00:00', '2026-11-05T09:00'],
    ['2026-11-05T09:00:00.001', '2026-11-05T09:00'],
    ['2026-11-05T08:59:59.999', '2026-11-05T08:00'],
    ['2026-01-01T00:30:00', '2026-01-01T00:00'],
  ])('at %s is %s on the hour', (now, slot) => {
    expect(texts([newestSlot(hourly, at(now))])).toEqual([slot]);
  });

  test('goes by UTC, so a change of clocks moves nothing', () => {
    expect(texts([newestSlot('30 2 * * *', at('2026-03-29T02:30:00'))])).toEqual(['2026-03-29T02:30']);
  });

  test('reaches back to the last day of a rare schedule', () => {
    expect(texts([newestSlot('0 0 29 2 *', at('2026-11-05T09:00:00'))])).toEqual(['2024-02-29T00:00']);
  });
});

test('nextSlot is after now, never now', () => {
  expect(texts([nextSlot(hourly, at('2026-11-05T09:00:00'))])).toEqual(['2026-11-05T10:00']);
  expect(texts([nextSlot(hourly, at('2026-11-05T08:59:59.500'))])).toEqual(['2026-11-05T09:00']);
  expect(texts([nextSlot('*/15 * * * *', at('2026-12-31T23:50:00'))])).toEqual(['2027-01-01T00:00']);
});

describe('slotsBetween', () => {
  test('leaves out the first end, takes the last, oldest first', () => {
    expect(texts(slotsBetween(hourly, at('2026-11-05T06:00:00'), at('2026-11-05T09:00:00'), 10))).toEqual([
      '2026-11-05T07:00',
      '2026-11-05T08:00',
      '2026-11-05T09:00',
    ]);
  });

  test('keeps the newest of more than may be', () => {
    expect(texts(slotsBetween(hourly, at('2020-01-01T00:00:00'), at('2026-11-05T09:30:00'), 2))).toEqual([
      '2026-11-05T08:00',
      '2026-11-05T09:00',
    ]);
  });

  test('is empty where no slot lies between, or none may be', () => {
    expect(slotsBetween(hourly, at('2026-11-05T09:00:00'), at('2026-11-05T09:59:00'), 10)).toEqual([]);
    expect(slotsBetween(hourly, at('2026-11-05T09:00:00'), at('2026-11-05T09:00:00'), 10)).toEqual([]);
    expect(slotsBetween(hourly, at('2026-11-05T06:00:00'), at('2026-11-05T09:00:00'), 0)).toEqual([]);
  });
});

test.each([
  ['on the hour, three periods are three hours', hourly, '2026-11-05T09:17:00', 3, '2026-11-05T06:17'],
  ['at a slot itself', hourly, '2026-11-05T09:00:00', 2, '2026-11-05T07:00'],
  [
    'the night of a shop is one period: at its first slot',
    '0 6-22 * * *',
    '2026-11-05T06:01:00',
    3,
    '2026-11-04T20:01',
  ],
  ['when the third slot is missed', '0 6-22 * * *', '2026-11-05T08:01:00', 3, '2026-11-04T22:01'],
  ['in the night itself no time passes', '0 6-22 * * *', '2026-11-05T05:00:00', 3, '2026-11-04T20:00'],
  ['a weekend likewise', '0 9-17 * * 1-5', '2026-11-09T09:05:00', 2, '2026-11-06T16:05'],
])('periodsBefore: %s', (_what, schedule, now, periods, expected) => {
  expect(texts([periodsBefore(schedule, at(now), periods)])).toEqual([expected]);
});

test('now lies between its newest and its next slot, and both are slots', () => {
  const instant = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2030, 0) }).map((ms) => new Date(ms));
  const schedule = fc.constantFrom('0 * * * *', '*/7 * * * *', '5 4 * * *', '0 9-17 * * 1-5');
  fc.assert(
    fc.property(schedule, instant, (every, now) => {
      const newest = newestSlot(every, now);
      const next = nextSlot(every, now);
      expect(+newest <= +now && +now < +next).toBe(true);
      expect(newestSlot(every, newest)).toEqual(newest);
      expect(nextSlot(every, newest)).toEqual(next);
    }),
    { seed: 15, numRuns: 200 },
  );
});

test('run ids sort as their instants do and tell hand and once apart', () => {
  expect(slotRunId(at('2026-11-05T09:00:00'))).toBe('20261105T0900Z');
  expect(handRunId(at('2026-11-05T09:17:23.999'))).toBe('20261105T091723Z-hand');
  expect(handRunId(at('2026-11-05T09:17:23'), 'once')).toBe('20261105T091723Z-once');
});
