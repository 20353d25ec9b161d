import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addDays, addMonths, monthIndex, monthOf } from '../../../lib/core/calendar.ts';

test('the month of a local time or date is its first day', () => {
  expect(monthOf('2011-12-09 12:50:00')).toBe('2011-12-01');
  expect(monthOf('2011-12-31')).toBe('2011-12-01');
  expect(monthOf('2012-01-01')).toBe('2012-01-01');
});

describe('addMonths', () => {
  test.each([
    ['2011-12-01', 1, '2012-01-01'],
    ['2012-01-01', -1, '2011-12-01'],
    ['2012-01-01', 0, '2012-01-01'],
    ['2012-01-01', 12, '2013-01-01'],
    ['2012-03-01', -13, '2011-02-01'],
    ['2011-12-09', 1, '2012-01-01'],
    ['0099-12-01', 1, '0100-01-01'],
  ])('%s and %i months is %s', (month, months, later) => {
    expect(addMonths(month, months)).toBe(later);
  });

  test('moves the month index by just as many months and back again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1950, max: 2100 }), fc.nat(11), fc.integer({ min: -600, max: 600 }), (y, m, by) => {
        const month = `${y}-${String(m + 1).padStart(2, '0')}-01`;
        expect(monthIndex(addMonths(month, by))).toBe(monthIndex(month) + by);
        expect(addMonths(addMonths(month, by), -by)).toBe(month);
      }),
      { seed: 13, numRuns: 200 },
    );
  });
});

describe('addDays', () => {
  test.each([
    ['2011-12-09', -91, '2011-09-09'],
    ['2011-12-31', 1, '2012-01-01'],
    ['2012-02-28', 1, '2012-02-29'],
    ['2011-02-28', 1, '2011-03-01'],
    ['2026-03-29', 1, '2026-03-30'],
    ['2026-03-29', 0, '2026-03-29'],
    ['2012-01-01', 366, '2013-01-01'],
  ])('%s and %i days is %s', (date, days, later) => {
    expect(addDays(date, days)).toBe(later);
  });
});
