import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dayNumber, monthDays } from '../../../../lib/core/forecast/calendarDays.ts';
import { monthTrend } from '../../../../lib/core/forecast/monthTrend.ts';
import { dailyTotals, seasonalRatio } from '../../../../lib/core/forecast/season.ts';
import { linearTrend } from '../../../../lib/core/linearTrend.ts';

const first = dayNumber('2010-01-01');
const totals = (until: string, units: (day: number) => number) =>
  dailyTotals(
    first,
    Float64Array.from({ length: dayNumber(until) - first }, (_, at) => units(first + at)),
  );
const december2010 = monthDays(dayNumber('2010-12-01'));
const inDecember = (day: number) => day >= december2010.from && day < december2010.until;

describe('seasonalRatio', () => {
  const day = dayNumber('2011-12-01');
  const range = monthDays(day);

  test('is 1 where no whole year is known', () => {
    const known = totals('2011-12-01', (at) => (inDecember(at) ? 9 : 1));
    expect(seasonalRatio({ ...known, first: dayNumber('2010-12-01') }, day, range)).toBe(1);
  });

  test('is drawn half the way to 1: four times as much last year is twice, twice is the root of it', () => {
    expect(
      seasonalRatio(
        totals('2011-12-01', (at) => (inDecember(at) ? 4 : 1)),
        day,
        range,
      ),
    ).toBeCloseTo(2, 10);
    expect(
      seasonalRatio(
        totals('2011-12-01', (at) => (inDecember(at) ? 2 : 1)),
        day,
        range,
      ),
    ).toBeCloseTo(Math.SQRT2, 10);
  });

  test('stays within a half and two', () => {
    expect(
      seasonalRatio(
        totals('2011-12-01', (at) => (inDecember(at) ? 100 : 1)),
        day,
        range,
      ),
    ).toBe(2);
    expect(
      seasonalRatio(
        totals('2011-12-01', (at) => (inDecember(at) ? 0.01 : 1)),
        day,
        range,
      ),
    ).toBe(0.5);
  });

  test('is 1 where last year had nothing to compare', () => {
    expect(
      seasonalRatio(
        totals('2011-12-01', () => 0),
        day,
        range,
      ),
    ).toBe(1);
  });
});

describe('monthTrend', () => {
  test('is the linear trend of product.md', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -20, max: 500 }), { minLength: 1, maxLength: 30 }), (units) => {
        const months = units.map((value, at) => ({
          month: `${2000 + Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}-01`,
          units: value,
        }));
        const open = `${2000 + Math.floor(units.length / 12)}-${String((units.length % 12) + 1).padStart(2, '0')}-01`;
        const trend = linearTrend({
          months,
          firstSaleMonth: '2000-01-01',
          firstEventDate: '2000-01-01',
          openMonth: open,
        });
        const own = monthTrend(units, 0, units.length, units.length + 1);
        if (trend === undefined) expect(own).toBeNaN();
        else expect(own).toBeCloseTo(trend, 2);
      }),
    );
  });
});
