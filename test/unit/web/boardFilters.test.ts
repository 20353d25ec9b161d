import { describe, expect, test } from '@jest/globals';

type Period = Readonly<{ from: string; to: string; days: number; cut: boolean }>;
type Filters = Readonly<Record<string, string>>;
type Module = Readonly<{
  period(filters: Filters, asOfDate: string, most?: number): Period;
  neighbour(filters: Filters, asOfDate: string, direction: -1 | 1): { from: string; to: string };
}>;

/** Scripts of the pages are plain JavaScript, checked by their own `tsc` run. */
const script = '../../../web/public/board/filters.js';
const { period, neighbour } = (await import(script)) as Module;

describe('the dates of a page', () => {
  test.each([
    ['nothing chosen: the newest 28', {}, undefined, ['2026-10-29', '2026-11-25', 28, false]],
    ['one day', { from: '2026-11-25', to: '2026-11-25' }, undefined, ['2026-11-25', '2026-11-25', 1, false]],
    [
      'over a month’s end and a leap day',
      { from: '2024-02-28', to: '2024-03-01' },
      undefined,
      ['2024-02-28', '2024-03-01', 3, false],
    ],
    [
      'more than may be: the newest of them',
      { from: '2026-01-01', to: '2026-11-25' },
      92,
      ['2026-08-26', '2026-11-25', 92, true],
    ],
    [
      'from after to: the last alone',
      { from: '2026-12-01', to: '2026-11-01' },
      undefined,
      ['2026-11-01', '2026-11-01', 1, false],
    ],
    [
      'what is no date: as if nothing was chosen',
      { from: 'x', to: '1/2/2026' },
      undefined,
      ['2026-10-29', '2026-11-25', 28, false],
    ],
  ] as const)('%s', (_name, filters, most, [from, to, days, cut]) => {
    expect(period(filters, '2026-11-25', most)).toEqual({ from, to, days, cut });
  });

  test('before and after go by the same length, and never past the data', () => {
    const week = { from: '2026-11-12', to: '2026-11-18' };
    expect(neighbour(week, '2026-11-25', -1)).toEqual({ from: '2026-11-05', to: '2026-11-11' });
    expect(neighbour(week, '2026-11-25', 1)).toEqual({ from: '2026-11-19', to: '2026-11-25' });
    expect(neighbour(week, '2026-11-20', 1)).toEqual({ from: '2026-11-14', to: '2026-11-20' });
  });
});
