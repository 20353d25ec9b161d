import { expect, test } from '@jest/globals';
import { parseSettings } from '../../../config/settings.ts';
import { rowRules } from '../../../jobs/rowRules.ts';

const now = new Date('2026-11-05T09:00:00Z');
const zones = new Map([
  [3, 'America/New_York'],
  [4, 'Pacific/Auckland'],
]);

test('times are believed until MAX_FUTURE_HOURS after now, by the clock of their store', () => {
  const rules = rowRules(parseSettings({ TIMEZONE: 'Europe/Berlin' }), zones, now);
  expect([1, 3, 4].map((store) => rules.latestOf(store))).toEqual([
    '2026-11-06 22:00:00',
    '2026-11-06 16:00:00',
    '2026-11-07 10:00:00',
  ]);
  expect(rowRules(parseSettings({ MAX_FUTURE_HOURS: '0' }), zones, now).latestOf(1)).toBe('2026-11-05 09:00:00');
});

test('times are believed from MIN_DATE on', () => {
  expect(rowRules(parseSettings({}), zones, now).earliest).toBe('2000-01-01 00:00:00');
  expect(rowRules(parseSettings({ MIN_DATE: '2025-06-30' }), zones, now).earliest).toBe('2025-06-30 00:00:00');
});

test('day and month go by DATE_ORDER, and by DATE_ORDER_STORES where a store is named', () => {
  const rules = rowRules(parseSettings({ DATE_ORDER: 'dmy', DATE_ORDER_STORES: '3:mdy' }), zones, now);
  expect([1, 3].map((store) => rules.dateOrderOf(store))).toEqual(['dmy', 'mdy']);
});
