import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { protectionScale } from '../../../../lib/core/planning/protectionScores.ts';
import { orderFigures, reorderQuantity } from '../../../../lib/core/planning/reorder.ts';

const values = { leadTimeDays: 10, reviewPeriodDays: 7, serviceLevel: 0.95, packSize: 12 };

describe('orderFigures', () => {
  test('are demand until tomorrow’s order is there, and until the next review’s is, with the safety stock on top', () => {
    expect(orderFigures(values, 2, 1.5, 6)).toEqual({ safetyStock: 9, reorderPoint: 31, orderUpTo: 43 });
    expect(orderFigures(values, 1 / 3, 1.2345, 1)).toEqual({
      safetyStock: 1.235,
      reorderPoint: 4.902,
      orderUpTo: 6.902,
    });
  });

  test('are those of the worked example in docs/planning.md', () => {
    const made = orderFigures(values, 2.4, 1.9, protectionScale(2.4 * 17));
    expect(made).toEqual({ safetyStock: 12.284, reorderPoint: 38.684, orderUpTo: 53.084 });
    expect(made && reorderQuantity(made, 31, 12)).toBe(24);
  });

  test('never plan on less than the forecast', () => {
    expect(orderFigures(values, 2, -0.5, 6)).toEqual({ safetyStock: 0, reorderPoint: 22, orderUpTo: 34 });
  });

  test('are one where an order can be placed each day: the next review is tomorrow', () => {
    const daily = { ...values, leadTimeDays: 1, reviewPeriodDays: 1 };
    expect(orderFigures(daily, 10, 1, 5)).toEqual({ safetyStock: 5, reorderPoint: 25, orderUpTo: 25 });
  });

  test('are not known without a lead time, or too few errors', () => {
    expect(orderFigures({ ...values, leadTimeDays: undefined }, 2, 1.5, 6)).toBeUndefined();
    expect(orderFigures(values, 2, undefined, 6)).toBeUndefined();
  });
});

describe('reorderQuantity', () => {
  const figures = { safetyStock: 9, reorderPoint: 29, orderUpTo: 43 };

  test('fills up to order_up_to in whole packs, at the reorder point and below', () => {
    expect(reorderQuantity(figures, 29, 1)).toBe(14);
    expect(reorderQuantity(figures, 29, 12)).toBe(24);
    expect(reorderQuantity(figures, 31 - 2, 14)).toBe(14);
    expect(reorderQuantity(figures, -3, 12)).toBe(48);
  });

  test('is 0 above it, and not known where stock is not', () => {
    expect(reorderQuantity(figures, 30, 1)).toBe(0);
    expect(reorderQuantity(figures, undefined, 1)).toBeUndefined();
  });

  test('is 0 where nothing is expected and nothing there', () => {
    expect(reorderQuantity({ safetyStock: 0, reorderPoint: 0, orderUpTo: 0 }, 0, 6)).toBe(0);
  });

  test('does not order a pack for a binary fraction', () => {
    expect(reorderQuantity({ safetyStock: 0, reorderPoint: 5, orderUpTo: 1.1 + 2.2 }, 0.3, 3)).toBe(3);
  });

  test('brings the stock to order_up_to, by less than a pack more', () => {
    fc.assert(
      fc.property(
        fc.record({
          rate: fc.integer({ min: 0, max: 50_000 }),
          safety: fc.integer({ min: 0, max: 50_000 }),
          stock: fc.integer({ min: -500, max: 2_000 }),
          pack: fc.integer({ min: 1, max: 144 }),
        }),
        ({ rate, safety, stock, pack }) => {
          const made = orderFigures(values, rate / 1000, safety / 1000, 1);
          if (made === undefined) throw new Error('a lead time is set');
          const ordered = reorderQuantity(made, stock, pack) as number;
          if (stock > made.reorderPoint) return ordered === 0;
          const filled = stock + ordered;
          return ordered % pack === 0 && filled >= made.orderUpTo - 1e-9 && filled < made.orderUpTo + pack;
        },
      ),
    );
  });
});
