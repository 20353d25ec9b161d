import { describe, expect, test } from '@jest/globals';
import { planningRows } from '../../../../lib/core/planning/planningFile.ts';
import { type PlanningValues, planningValues, protectionDays } from '../../../../lib/core/planning/planningValues.ts';

const line = (text: string, at = 2) => {
  const [scope = '', id = '', lead_time_days = '', review_period_days = '', service_level = '', pack_size = ''] =
    text.split(',');
  return { line: at, values: { scope, id, lead_time_days, review_period_days, service_level, pack_size } };
};
const unset: PlanningValues = {
  leadTimeDays: undefined,
  reviewPeriodDays: undefined,
  serviceLevel: 0.95,
  packSize: 1,
};
const pair = { storeId: 3, supplierId: 'ACME', itemId: 100 };

describe('planningRows', () => {
  test('reads cells, and leaves empty ones unsaid', () => {
    expect(planningRows([line('item,100,10,,0.98,'), line('Default,,7,14,,6', 3)])).toEqual({
      rows: [
        { scope: 'item', id: '100', cells: { leadTimeDays: 10, serviceLevel: 0.98 } },
        { scope: 'default', id: '', cells: { leadTimeDays: 7, reviewPeriodDays: 14, packSize: 6 } },
      ],
      problems: [],
    });
  });

  test('knows a store and an item by number, however it is written, a supplier by its text', () => {
    const { rows } = planningRows([line('item,0100,1'), line('store,3.0,1'), line('supplier,0100,1')]);
    expect(rows.map(({ id }) => id)).toEqual(['100', '3', '0100']);
  });

  test.each([
    ['shop,3,7', 'scope', 'shop', 'expected one of default, store, supplier, item'],
    ['item,,7', 'id', '', 'expected an item_id'],
    ['store,east,7', 'id', 'east', 'expected a store_id'],
    ['default,3,7', 'id', '3', 'the scope default has no id'],
    ['supplier,,7', 'id', '', 'expected a supplier_id'],
    ['item,100,7.5', 'lead_time_days', '7.5', 'expected a whole number from 0 to 365, or nothing'],
    ['item,100,-1', 'lead_time_days', '-1', 'expected a whole number from 0 to 365, or nothing'],
    ['item,100,366', 'lead_time_days', '366', 'expected a whole number from 0 to 365, or nothing'],
    ['item,100,,0', 'review_period_days', '0', 'expected a whole number from 1 to 365, or nothing'],
    ['item,100,,,95', 'service_level', '95', 'expected a number from 0.5 to 0.999, or nothing'],
    ['item,100,,,NaN', 'service_level', 'NaN', 'expected a number from 0.5 to 0.999, or nothing'],
    ['item,100,,,,0', 'pack_size', '0', 'expected a whole number from 1 to 1000000, or nothing'],
  ])('gives %s back as a problem, and goes on', (text, column, value, reason) => {
    const { rows, problems } = planningRows([line(text, 7), line('item,5,1', 8)]);
    expect(problems).toEqual([{ line: 7, column, value, reason }]);
    expect(rows).toHaveLength(1);
  });
});

describe('planningValues', () => {
  const valuesOf = (texts: readonly string[], settings = unset) =>
    planningValues(settings, planningRows(texts.map((text) => line(text))).rows);

  test('takes each cell from the most specific row that says it', () => {
    const of = valuesOf(['default,,20,,0.9,2', 'store,3,15,10,,', 'supplier,ACME,12,,0.97,', 'item,100,,,,24']);
    expect(of(pair)).toEqual({ leadTimeDays: 12, reviewPeriodDays: 10, serviceLevel: 0.97, packSize: 24 });
    expect(of({ ...pair, supplierId: 'other', itemId: 1 })).toEqual({
      leadTimeDays: 15,
      reviewPeriodDays: 10,
      serviceLevel: 0.9,
      packSize: 2,
    });
    expect(of({ storeId: 1, supplierId: '', itemId: 1 })).toMatchObject({ leadTimeDays: 20, reviewPeriodDays: 7 });
  });

  test('puts the file before the settings, and of two rows for one the last', () => {
    const settings = { ...unset, leadTimeDays: 30, reviewPeriodDays: 30 };
    expect(valuesOf([], settings)(pair)).toEqual(settings);
    expect(valuesOf(['default,,5'], settings)(pair)).toMatchObject({ leadTimeDays: 5, reviewPeriodDays: 30 });
    expect(valuesOf(['item,100,5,9', 'item,100,6'], unset)(pair)).toMatchObject({
      leadTimeDays: 6,
      reviewPeriodDays: 7,
    });
  });

  test('invents neither a lead time nor, without one, a review period', () => {
    const values = valuesOf(['store,3,,10'])(pair);
    expect(values).toEqual(unset);
    expect(protectionDays(values)).toBeUndefined();
    expect(protectionDays(valuesOf(['store,3,0'])(pair))).toBe(7);
  });
});
