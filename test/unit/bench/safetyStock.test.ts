import { describe, expect, test } from '@jest/globals';
import { PairDays } from '../../../bench/studies/forecast/daySeries.ts';
import { stockRecord } from '../../../bench/studies/forecast/orderPolicy.ts';
import { cancelledSales } from '../../../bench/studies/forecast/realYear.ts';
import { safetyStock } from '../../../bench/studies/forecast/safetyStock.ts';
import { dayNumber } from '../../../lib/core/forecast/calendarDays.ts';
import type { IdentifiedEvent } from '../../../lib/core/types.ts';

const change = (eventId: string, dateTime: string, quantity: number, itemId = 1): IdentifiedEvent => ({
  kind: 'change',
  storeId: 0,
  itemId,
  dateTime,
  quantity,
  changeTypeId: quantity < 0 ? 1 : 3,
  transId: eventId,
  employeeId: '',
  leadingZeros: false,
  eventId,
});
const cancelledOf = (...events: IdentifiedEvent[]) =>
  [...cancelledSales(events, ({ changeTypeId }) => (changeTypeId === 1 ? 'sale' : 'restock'))].sort();

describe('cancelledSales', () => {
  test('are sales that a restock of the same size follows next, within 3 days', () => {
    expect(
      cancelledOf(
        change('a', '2011-12-09 09:15:00', -80_995),
        change('b', '2011-12-09 09:27:00', 80_995),
        change('c', '2011-12-01 09:00:00', -5),
        change('d', '2011-12-04 09:00:01', 5),
        change('e', '2011-12-01 09:00:00', -5, 2),
        change('f', '2011-12-04 09:00:00', 5, 2),
      ),
    ).toEqual(['a', 'e']);
  });

  test('take one sale a restock, the one before it', () => {
    const sales = [change('a', '2011-01-01 09:00:00', -5), change('b', '2011-01-01 10:00:00', -5)];
    expect(cancelledOf(...sales, change('c', '2011-01-01 11:00:00', 5))).toEqual(['b']);
    expect(cancelledOf(...sales, change('c', '2011-01-01 11:00:00', 5), change('d', '2011-01-01 12:00:00', 5))).toEqual(
      ['b'],
    );
    expect(cancelledOf(change('a', '2011-01-01 09:00:00', 5), change('b', '2011-01-01 09:00:00', -5))).toEqual([]);
  });
});

/** Units of each of `days`, drawn by a generator of its own so that the test is the same each time. */
function drawnDays(pairs: number, days: number): PairDays {
  const first = dayNumber('2025-01-01');
  const drawn = new PairDays();
  let state = 12_345;
  const next = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
  for (let item = 1; item <= pairs; item += 1) {
    for (let day = 0; day < days; day += 1) {
      const units = next() < 0.4 ? Math.ceil(-3 * Math.log(1 - next() * 0.999)) : 0;
      drawn.add(1, item, first + day, units);
    }
  }
  return drawn;
}

describe('safetyStock', () => {
  test('lasts as often as asked for demand that stays as it was', () => {
    const data = drawnDays(150, 240).series();
    const { rows, horizonDays, heldOut } = safetyStock(data, { leadTimeDays: 5, reviewPeriodDays: 7 });
    expect(horizonDays).toBe(12);
    expect(heldOut.from).toBe('2025-06-01');
    for (const { asked, all } of rows.filter(({ method }) => method === 'conformal')) {
      expect(Math.abs(all.achieved - asked)).toBeLessThan(0.02);
    }
  });
});

describe('stockRecord', () => {
  /** Sells 2 a day from day 1 on; reviewed on days 10, 12, 14, 16. */
  const values = new Float64Array(20).fill(2);
  const pair = {
    series: {
      firstSale: 0,
      values,
      days: Int32Array.from({ length: 20 }, (_, at) => at + 1),
      censored: new Int32Array(),
    },
    known: Int32Array.of(9, 11, 13, 15),
    levels: new Float64Array(),
  };
  const days = [10, 12, 14, 16];
  const order = { safetyStock: 0, reorderPoint: 4, orderUpTo: 6 };
  const orders = days.map(() => [order]);

  test('serves all where each review orders what lead time and review period sell', () => {
    const record = stockRecord('each review', [pair], days, orders, { leadTimeDays: 1, reviewPeriodDays: 2 });
    expect(record).toMatchObject({ periods: 3, served: 1, fillRate: 1 });
  });

  test('loses sales where the reorder point is looked at too seldom', () => {
    const low = days.map(() => [{ ...order, reorderPoint: 1 }]);
    const record = stockRecord('reorder point, each review', [pair], days, low, {
      leadTimeDays: 1,
      reviewPeriodDays: 2,
    });
    // 6, then 2 left on day 12 and no order: one of two days is lost, and again the first of the third period.
    expect(record.periods).toBe(3);
    expect(record.served).toBeCloseTo(1 / 3);
    expect(record.fillRate).toBeCloseTo(8 / 12);
  });
});
