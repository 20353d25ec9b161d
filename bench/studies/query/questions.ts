import type { Source } from './layouts.ts';

export const questionNames = ['all pairs', 'one pair', 'the 20 lowest'] as const;
export type Question = (typeof questionNames)[number];

/** `select` from a table; `pair` are the parameters where the question is about one pair. */
export type Asked = Readonly<{ text: string; values: readonly number[] }>;

/** A question in the words of one source. Each answers with store_id, item_id and their sum. */
export function ask(question: Question, source: Source, table: string, pair: readonly [number, number]): Asked {
  const { sum, where } = columns[source];
  const wherePair = question === 'one pair' ? ' AND store_id = $1 AND item_id = $2' : '';
  const grouped = source === 'totals' ? '' : ' GROUP BY store_id, item_id';
  const lowest = question === 'the 20 lowest' ? ` ORDER BY ${sum}, store_id, item_id LIMIT 20` : '';
  return {
    text: `SELECT store_id, item_id, ${sum} AS delta_quantity FROM ${table} WHERE ${where}${wherePair}${grouped}${lowest}`,
    values: question === 'one pair' ? pair : [],
  };
}

const columns: Readonly<Record<Source, { sum: string; where: string }>> = {
  events: { sum: 'sum(quantity)', where: 'NOT is_count' },
  deltas: { sum: 'sum(delta_quantity)', where: 'delta_quantity IS NOT NULL' },
  totals: { sum: 'delta_quantity', where: 'delta_quantity IS NOT NULL' },
};

export type Answer = Readonly<{ store_id: number; item_id: number; delta_quantity: number | bigint | string }>;

/** The answer as one text, whatever the order in which rows came. */
export function answerText(rows: readonly Answer[]): string {
  return rows
    .map((row) => `${row.store_id} ${row.item_id} ${row.delta_quantity}`)
    .sort()
    .join('\n');
}
