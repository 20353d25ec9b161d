import type { TopLevelSpec } from 'vega-lite';
import { questionNames } from './questions.ts';
import type { QueryResult } from './result.ts';

/** A dot per layout and number of workers; one panel per question and source; time to the right, logarithmic. */
export function plotOf({ layouts, data }: QueryResult): TopLevelSpec {
  const values = layouts.flatMap(({ source, name, own, readings }) =>
    readings.map(({ question, workers, medianMs }) => ({
      source,
      question,
      workers: `${workers} workers`,
      layout: own ? `${name} (tillcast)` : name,
      ms: medianMs,
    })),
  );
  return {
    title: `Sum per item and store: ${data.events.toLocaleString('en')} events, ${data.pairs.toLocaleString('en')} pairs`,
    data: { values },
    facet: {
      row: { field: 'source', title: null, sort: ['events', 'deltas', 'totals'] },
      column: { field: 'question', title: null, sort: [...questionNames] },
    },
    spec: {
      width: 230,
      height: { step: 20 },
      mark: { type: 'point', filled: false, size: 60, strokeWidth: 2 },
      encoding: {
        y: {
          field: 'layout',
          title: null,
          axis: { labelLimit: 220 },
          sort: layouts.map(({ name, own }) => (own ? `${name} (tillcast)` : name)),
        },
        x: {
          field: 'ms',
          type: 'quantitative',
          title: 'execution time, ms',
          scale: { type: 'log', domain: [0.004, 60_000], nice: false },
          axis: { values: [0.01, 0.1, 1, 10, 100, 1000, 10_000], format: '~g' },
        },
        color: { field: 'workers', title: null, scale: { range: ['#4c78a8', '#f58518'] } },
        shape: { field: 'workers', title: null },
      },
    },
    resolve: { scale: { y: 'independent' } },
  };
}
