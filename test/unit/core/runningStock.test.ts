import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { runningStock, type StockEvent } from '../../../lib/core/runningStock.ts';

const t1 = '2026-01-05 09:00:00';
const t2 = '2026-01-05 10:00:00';
const t3 = '2026-01-05 11:00:00';

const change = (dateTime: string, quantity: number, eventId: string, movesStock = true): StockEvent => ({
  kind: 'change',
  dateTime,
  quantity,
  movesStock,
  eventId,
});
const count = (dateTime: string, quantity: number, eventId: string): StockEvent => ({
  kind: 'count',
  dateTime,
  quantity,
  movesStock: true,
  eventId,
});
const finals = (events: readonly StockEvent[], opening?: number | null) =>
  runningStock(events, opening).map(({ event, finalQuantity }) => [event.eventId, finalQuantity]);

describe('runningStock', () => {
  test('a count sets the stock, a change adds to it, and it may fall below zero', () => {
    expect(finals([count(t1, 10, 'a'), change(t2, -3, 'b'), change(t3, -8, 'c')])).toEqual([
      ['a', 10],
      ['b', 7],
      ['c', -1],
    ]);
  });

  test('is null before the first count, not zero', () => {
    expect(finals([change(t1, 5, 'a'), count(t2, 0, 'b'), change(t3, -1, 'c')])).toEqual([
      ['a', null],
      ['b', 0],
      ['c', -1],
    ]);
    expect(finals([change(t1, 5, 'a')])).toEqual([['a', null]]);
  });

  test('at one time: counts, then receipts, then issues, then by event id', () => {
    expect(
      finals([change(t1, -2, 'b'), change(t1, -1, 'a'), change(t1, 4, 'z'), change(t1, 3, 'y'), count(t1, 10, 'zz')]),
    ).toEqual([
      ['zz', 10],
      ['y', 13],
      ['z', 17],
      ['a', 16],
      ['b', 14],
    ]);
  });

  test('a change of zero stands with the issues', () => {
    expect(finals([change(t1, 0, 'a'), change(t1, 5, 'b')], 1)).toEqual([
      ['b', 6],
      ['a', 6],
    ]);
  });

  test('of two counts at one time that disagree the larger stands, whatever their ids', () => {
    expect(finals([count(t1, 12, 'a'), count(t1, 9, 'b'), change(t1, -1, 'c')])).toEqual([
      ['b', 9],
      ['a', 12],
      ['c', 11],
    ]);
    expect(finals([count(t1, 9, 'a'), count(t1, 12, 'b')])).toEqual([
      ['a', 9],
      ['b', 12],
    ]);
  });

  test('a later count sets the stock anew, and says what stood in the book before it', () => {
    const rows = runningStock([count(t1, 10, 'a'), change(t2, -3, 'b'), count(t3, 5, 'c')]);
    expect(rows.map(({ bookQuantity }) => bookQuantity)).toEqual([null, 10, 7]);
    expect(rows.map(({ finalQuantity }) => finalQuantity)).toEqual([10, 7, 5]);
  });

  test('a line that moves no stock, as the online store’s bopis, leaves it as it was', () => {
    expect(finals([count(t1, 10, 'a'), change(t2, -4, 'b', false), change(t3, -1, 'c')])).toEqual([
      ['a', 10],
      ['b', 10],
      ['c', 9],
    ]);
    expect(finals([change(t1, -4, 'a', false)])).toEqual([['a', null]]);
  });

  test('goes on from what was on hand before', () => {
    expect(finals([change(t1, -3, 'a')], 10)).toEqual([['a', 7]]);
    expect(finals([change(t1, -3, 'a')], 0)).toEqual([['a', -3]]);
    expect(finals([change(t1, -3, 'a')], null)).toEqual([['a', null]]);
  });

  test('leaves its input as it was and gives nothing for nothing', () => {
    const events = [change(t2, 1, 'b'), change(t1, 1, 'a')];
    runningStock(events);
    expect(events.map(({ eventId }) => eventId)).toEqual(['b', 'a']);
    expect(runningStock([])).toEqual([]);
  });
});

const event = fc.record({
  kind: fc.constantFrom('change' as const, 'count' as const),
  dateTime: fc.constantFrom(t1, t2, t3),
  quantity: fc.integer({ min: -5, max: 5 }),
  movesStock: fc.boolean(),
});
const events = fc.array(event, { maxLength: 12 }).map((drawn) =>
  drawn.map(
    (one, at): StockEvent => ({
      ...one,
      quantity: one.kind === 'count' ? Math.abs(one.quantity) : one.quantity,
      eventId: `e${String(at).padStart(2, '0')}`,
    }),
  ),
);

test('any order of the input gives every event the same stock', () => {
  const shuffled = events.chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length })),
  );
  fc.assert(
    fc.property(shuffled, ([list, other]) => {
      expect(runningStock(other)).toEqual(runningStock(list));
    }),
    { seed: 16, numRuns: 300 },
  );
});

test('the stock is the last count and what moved since', () => {
  fc.assert(
    fc.property(events, (list) => {
      const rows = runningStock(list);
      rows.forEach(({ finalQuantity }, at) => {
        const past = rows.slice(0, at + 1).map((row) => row.event);
        const last = past.findLastIndex(({ kind }) => kind === 'count');
        const moved = past.slice(last + 1).reduce((sum, one) => sum + (one.movesStock ? one.quantity : 0), 0);
        expect(finalQuantity).toBe(last < 0 ? null : (past[last]?.quantity ?? 0) + moved);
      });
    }),
    { seed: 17, numRuns: 300 },
  );
});

test('split anywhere and carried over, the second half comes out the same', () => {
  fc.assert(
    fc.property(events, fc.nat(12), (list, cut) => {
      const whole = runningStock(list);
      const ordered = whole.map((row) => row.event);
      const first = runningStock(ordered.slice(0, cut));
      const second = runningStock(ordered.slice(cut), first.at(-1)?.finalQuantity ?? null);
      expect([...first, ...second]).toEqual(whole);
    }),
    { seed: 18, numRuns: 200 },
  );
});
