import { describe, expect, test } from '@jest/globals';
import { dateOf, dayNumber, monthDays, monthsBefore, weekdayOf } from '../../../../lib/core/forecast/calendarDays.ts';
import { isComplete, originsOf } from '../../../../lib/core/forecast/origins.ts';

describe('calendar days', () => {
  test('count from 1970 and back again', () => {
    expect(dayNumber('1970-01-02')).toBe(1);
    expect(dateOf(dayNumber('2012-02-29'))).toBe('2012-02-29');
    expect(weekdayOf(dayNumber('2026-11-23'))).toBe(0);
    expect(weekdayOf(dayNumber('1969-12-28'))).toBe(6);
  });

  test('the same day of an earlier month, or its last', () => {
    expect(dateOf(monthsBefore(dayNumber('2011-03-31'), 1))).toBe('2011-02-28');
    expect(dateOf(monthsBefore(dayNumber('2012-01-09'), 13))).toBe('2010-12-09');
    expect(dateOf(monthDays(dayNumber('2011-12-09'), 1).until)).toBe('2012-02-01');
  });
});

describe('originsOf', () => {
  test('are the same day of earlier months where three of them can be scored', () => {
    const asOf = dayNumber('2011-12-09');
    const { every, past, present } = originsOf(asOf, dayNumber('2010-12-01'));
    expect(every).toBe('month');
    expect(past.map(({ day }) => dateOf(day))).toEqual(
      ['01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '11'].map((month) => `2011-${month}-09`),
    );
    expect(dateOf(present.next.from)).toBe('2012-01-01');
    expect(past.map(({ next }) => isComplete(next, asOf)).lastIndexOf(true)).toBe(9);
  });

  test('are at most 24', () => {
    expect(originsOf(dayNumber('2020-06-15'), dayNumber('2010-01-01')).past).toHaveLength(24);
  });

  test('are weeks with targets of 28 days where there is too little history', () => {
    const asOf = dayNumber('2011-03-15');
    const { every, past } = originsOf(asOf, dayNumber('2011-01-01'));
    expect(every).toBe('week');
    expect(past.map(({ day }) => asOf - day)).toEqual([56, 49, 42, 35, 28]);
    expect(past.every(({ next, day }) => next.from === day && next.until === day + 28)).toBe(true);
  });

  test('are none on the first days', () => {
    expect(originsOf(dayNumber('2011-01-20'), dayNumber('2011-01-01')).past).toEqual([]);
  });
});
