import { expect, test } from '@jest/globals';
import type { Source } from '../../../bench/studies/query/layouts.ts';
import { answerText, questionNames } from '../../../bench/studies/query/questions.ts';
import type { MeasuredLayout, QueryResult } from '../../../bench/studies/query/result.ts';
import { gainsOf, verdictOf } from '../../../bench/studies/query/verdict.ts';

/** Times of all pairs, one pair and the 20 lowest in ms, the same for any number of workers. */
function layout(source: Source, name: string, times: readonly number[], more: Partial<MeasuredLayout> = {}) {
  const plan = [name === 'no index' ? 'Seq Scan' : 'Index Scan using some_index'];
  const readings = questionNames.flatMap((question, i) =>
    ([0, 2] as const).map((workers) => ({
      question,
      workers,
      medianMs: times[i] ?? 0,
      p95Ms: times[i] ?? 0,
      times: 3,
      plan,
    })),
  );
  return { source, name, table: 't', rows: 1, tableBytes: 1, indexBytes: 1, writeMs: 1, readings, ...more };
}

function resultOf(...layouts: MeasuredLayout[]): QueryResult {
  return { layouts } as unknown as QueryResult;
}

const events = layout('events', 'no index', [800, 300, 800]);
const covering = layout('events', 'covering', [700, 5, 700]);
const bare = layout('totals', 'no index', [2, 1.5, 3]);
const byTotal = layout('totals', 'key, by total', [2, 0.01, 0.02]);
const key = (lowestMs: number) => layout('totals', 'key', [2, 0.01, lowestMs], { own: true });

test('an index on events that helps is still not worth it where totals answer sooner', () => {
  const result = resultOf(events, covering, bare, key(3));
  expect([...gainsOf(result, covering)]).toEqual([['one pair', 60]]);
  expect(verdictOf(result, covering)).toBe('no: totals answer all of it sooner');
});

test('an index by total earns its keep only where the lowest are slow without it', () => {
  expect(verdictOf(resultOf(bare, key(3), byTotal), byTotal)).toBe('yes: brings the 20 lowest within 2 ms');
  expect(verdictOf(resultOf(bare, key(1.9), byTotal), byTotal)).toBe('no: within 2 ms without it');
});

test('a plan that reads the whole table gains nothing by its index, however the times fell', () => {
  const readings = covering.readings.map((reading) => ({ ...reading, plan: ['Seq Scan'] }));
  expect(gainsOf(resultOf(events, { ...covering, readings }), { ...covering, readings }).size).toBe(0);
});

test('an answer is the same in whatever order its rows come, and another when one sum differs', () => {
  const rows = [
    { store_id: 1, item_id: 2, delta_quantity: -3 },
    { store_id: 0, item_id: 7, delta_quantity: '5' },
  ];
  expect(answerText(rows)).toBe(answerText([...rows].reverse()));
  expect(answerText(rows)).not.toBe(answerText(rows.map((row) => ({ ...row, delta_quantity: 5 }))));
});
