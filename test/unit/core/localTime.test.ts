import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { daysInMonth, parseLocalTime, wallClock } from '../../../lib/core/localTime.ts';

describe('parseLocalTime', () => {
  test.each([
    ['12/1/2010 8:26', '2010-12-01 08:26:00'],
    ['1/2/2026 0:00', '2026-01-02 00:00:00'],
    ['01/02/2026 00:05', '2026-01-02 00:05:00'],
    ['12/31/2010 23:59:59', '2010-12-31 23:59:59'],
    ['2/29/2024 7:01', '2024-02-29 07:01:00'],
    ['2010-12-01 08:26', '2010-12-01 08:26:00'],
    ['2010-12-01 8:26', '2010-12-01 08:26:00'],
    ['2010-12-01 08:26:07', '2010-12-01 08:26:07'],
    ['2010-12-01  08:26', '2010-12-01 08:26:00'],
    ['0000-01-01 00:00', '0000-01-01 00:00:00'],
  ])('reads %j', (text, local) => {
    expect(parseLocalTime(text, 'mdy')).toBe(local);
  });

  test.each([
    ['12/31/2010 24:00'],
    ['12/31/2010 8:60'],
    ['12/31/2010 8:26:60'],
    ['13/1/2010 8:26'],
    ['0/1/2010 8:26'],
    ['1/0/2010 8:26'],
    ['2/29/2023 8:26'],
    ['4/31/2023 8:26'],
    ['2010-2-3'],
    ['2010-2-3 8:26'],
    ['2010-02-30 08:26'],
    ['2010-00-10 08:26'],
    ['2010-12-01'],
    ['2010-12-01T08:26'],
    ['2010-12-01 08:26Z'],
    ['2010-12-01 08:26:07.5'],
    ['2010-12-01 8:2'],
    ['12/1/10 8:26'],
    ['12/1/2010 8:26 PM'],
    ['12-1-2010 8:26'],
    ['12/1/2010'],
    ['8:26'],
    ['12345-01-01 00:00'],
    ['40513.35'],
    [''],
  ])('refuses %j', (text) => {
    expect(parseLocalTime(text, 'mdy')).toBeUndefined();
  });

  test('reads day before month with dmy, and the dashed form the same in either order', () => {
    expect(parseLocalTime('1/2/2026 9:00', 'dmy')).toBe('2026-02-01 09:00:00');
    expect(parseLocalTime('31/12/2010 9:00', 'dmy')).toBe('2010-12-31 09:00:00');
    expect(parseLocalTime('12/31/2010 9:00', 'dmy')).toBeUndefined();
    expect(parseLocalTime('2026-01-02 09:00', 'dmy')).toBe('2026-01-02 09:00:00');
  });

  test('gives one text per minute, however it was written', () => {
    const minute = fc.record({
      year: fc.integer({ min: 1970, max: 2100 }),
      month: fc.integer({ min: 1, max: 12 }),
      day: fc.integer({ min: 1, max: 28 }),
      hour: fc.integer({ min: 0, max: 23 }),
      minute: fc.integer({ min: 0, max: 59 }),
    });
    const two = (value: number) => String(value).padStart(2, '0');
    fc.assert(
      fc.property(minute, ({ year, month, day, hour, minute }) => {
        const local = `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:00`;
        expect(parseLocalTime(`${month}/${day}/${year} ${hour}:${two(minute)}`, 'mdy')).toBe(local);
        expect(parseLocalTime(`${two(day)}/${two(month)}/${year} ${two(hour)}:${two(minute)}:00`, 'dmy')).toBe(local);
        expect(parseLocalTime(local, 'mdy')).toBe(local);
        expect(parseLocalTime(local.slice(0, 16), 'dmy')).toBe(local);
      }),
      { seed: 12, numRuns: 300 },
    );
  });
});

test.each([
  [2024, 2, 29],
  [2023, 2, 28],
  [2000, 2, 29],
  [1900, 2, 28],
  [2023, 4, 30],
  [2023, 6, 30],
  [2023, 9, 30],
  [2023, 11, 30],
  [2023, 1, 31],
  [2023, 12, 31],
])('%i-%i has %i days', (year, month, days) => {
  expect(daysInMonth(year, month)).toBe(days);
});

describe('wallClock', () => {
  test.each([
    ['2026-07-01T12:00:00Z', 'Europe/Berlin', '2026-07-01 14:00:00'],
    ['2026-12-01T12:00:00Z', 'Europe/Berlin', '2026-12-01 13:00:00'],
    ['2026-07-01T22:00:00Z', 'Europe/Berlin', '2026-07-02 00:00:00'],
    ['2026-01-01T03:30:15Z', 'America/New_York', '2025-12-31 22:30:15'],
    ['2026-01-01T00:00:00Z', 'Asia/Kathmandu', '2026-01-01 05:45:00'],
    ['2026-01-01T00:00:00Z', 'UTC', '2026-01-01 00:00:00'],
  ])('at %s in %s shows %s', (instant, zone, local) => {
    expect(wallClock(new Date(instant), zone)).toBe(local);
  });

  test('shows the hour after a gap, and the same hour twice when clocks go back', () => {
    expect(wallClock(new Date('2026-03-29T00:59:59Z'), 'Europe/Berlin')).toBe('2026-03-29 01:59:59');
    expect(wallClock(new Date('2026-03-29T01:00:00Z'), 'Europe/Berlin')).toBe('2026-03-29 03:00:00');
    expect(wallClock(new Date('2026-10-25T00:30:00Z'), 'Europe/Berlin')).toBe('2026-10-25 02:30:00');
    expect(wallClock(new Date('2026-10-25T01:30:00Z'), 'Europe/Berlin')).toBe('2026-10-25 02:30:00');
  });
});
