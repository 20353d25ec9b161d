import { median } from 'simple-statistics';
import { writePlot } from '../../plot.ts';
import { ancestors } from './ancestors.ts';
import type { Batch, MeasuredCell, Result } from './cell.ts';
import { databases, modes } from './stores.ts';

const panelOf = ({ database, mode }: { database: string; mode: string }) =>
  mode === 'read' ? database : `${database} · ${mode}`;
const producersTitle = 'producers';
/** On a log scale Vega would draw a line for each digit. */
const seconds = {
  title: 'seconds (log scale)',
  scale: { type: 'log' as const, nice: true },
  axis: { values: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5] },
};

/** Latency against rows, a dot per batch, a panel per database and mode; all share one scale. */
export async function plotBatches(path: string, { cells }: Result): Promise<void> {
  const values = cells.flatMap(({ batches, ...cell }) =>
    batches.map(({ rows, latencyMs }) => ({
      panel: panelOf(cell),
      producers: cell.producers,
      rows,
      s: latencyMs / 1000,
    })),
  );
  await writePlot(path, {
    title: 'Latency of each batch by its rows',
    data: { values },
    facet: { field: 'panel', type: 'nominal', title: null, sort: [...new Set(values.map(({ panel }) => panel))] },
    columns: 3,
    spec: {
      width: 240,
      height: 200,
      mark: { type: 'circle', size: 28, opacity: 0.75 },
      encoding: {
        x: { field: 'rows', type: 'quantitative', title: 'rows of the batch', axis: { tickCount: 4 } },
        y: { field: 's', type: 'quantitative', ...seconds },
        color: { field: 'producers', type: 'ordinal', title: producersTitle, scale: { scheme: 'viridis' } },
      },
    },
  });
}

/** Median latency, and the insert alone, by producers: a panel per database, a line per mode, the ancestors' dashed. */
export async function plotProducers(path: string, { cells }: Result): Promise<void> {
  const middle = (cell: MeasuredCell, pick: (batch: Batch) => number) => median(cell.batches.map(pick)) / 1000;
  const ours = cells.map((cell) => ({
    ...{ who: 'this run', database: cell.database, mode: cell.mode, producers: cell.producers },
    ...{ latency: middle(cell, ({ latencyMs }) => latencyMs), insert: middle(cell, ({ insertMs }) => insertMs) },
  }));
  const theirs = ancestors.map(({ seconds: latency, insertSeconds: insert, ...line }) => ({
    ...line,
    who: 'ancestors',
    latency,
    insert,
  }));
  const lines = [...ours, ...theirs];
  const values = [
    ...lines.map(({ latency, ...line }) => ({ ...line, panel: `${line.database} · latency`, s: latency })),
    ...lines
      .filter(({ mode, insert }) => mode !== 'read' && insert !== null)
      .map(({ insert, ...line }) => ({ ...line, panel: `${line.database} · insert alone`, s: insert })),
  ];
  await writePlot(path, {
    title: {
      text: 'Medians by the number of producers, together about 3,000 rows a burst',
      subtitle: 'dashed: what the ancestors published, from their machine, 635 to 3,648 rows a batch',
    },
    data: { values },
    facet: { field: 'panel', type: 'nominal', title: null, sort: [...new Set(values.map(({ panel }) => panel))] },
    columns: databases.length,
    spec: {
      width: 220,
      height: 220,
      mark: { type: 'line', point: true },
      encoding: {
        x: {
          field: 'producers',
          type: 'quantitative',
          title: producersTitle,
          axis: { tickCount: 6 },
          scale: { zero: false },
        },
        y: { field: 's', type: 'quantitative', ...seconds },
        color: { field: 'mode', type: 'nominal', sort: [...modes] },
        strokeDash: { field: 'who', type: 'nominal', sort: ['this run', 'ancestors'], legend: null },
      },
    },
  });
}
