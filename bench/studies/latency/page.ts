import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median } from 'simple-statistics';
import { takeLimits } from '../../../jobs/followRun.ts';
import { markdownTable, spread, type Cell as TableCell } from '../../tables.ts';
import { ancestors } from './ancestors.ts';
import { answers } from './answers.ts';
import { type Batch, lingerMs, type MeasuredCell, type Result } from './cell.ts';
import { plotBatches, plotProducers } from './plots.ts';

/** latency.json, latency.md, latency.svg and latency-producers.svg of a result. */
export async function writeLatency(resultsDir: string, result: Result): Promise<void> {
  writeFileSync(join(resultsDir, 'latency.json'), json(result));
  writeFileSync(join(resultsDir, 'latency.md'), page(result));
  await plotBatches(join(resultsDir, 'latency.svg'), result);
  await plotProducers(join(resultsDir, 'latency-producers.svg'), result);
}

/** A batch a line, times to a tenth of a millisecond. */
function json({ cells, ...about }: Result): string {
  const short = (_: string, value: unknown) => (typeof value === 'number' ? Number(value.toFixed(1)) : value);
  const lines = cells.flatMap(({ batches }) => batches.map((batch) => `    ${JSON.stringify(batch, short)}`));
  const late = cells.map(({ batches: _, ...cell }) => `    ${JSON.stringify(cell)}`);
  const head = JSON.stringify(about, null, 2).slice(0, -2);
  return `${head},\n  "cells": [\n${late.join(',\n')}\n  ],\n  "batches": [\n${lines.join(',\n')}\n  ]\n}\n`;
}

const seconds = (ms: number) => (ms / 1000).toFixed(3);
const middle = (cell: MeasuredCell, pick: (batch: Batch) => number) => median(cell.batches.map(pick));
const names = ({ database, mode }: MeasuredCell) => [database, mode === 'read' ? '' : mode];

function page(result: Result): string {
  const { command, servers, bursts, warmUpBursts, burstEveryMs, cells } = result;
  return `# How old rows are when they are stored

\`${command}\`, on ${servers.join(', ')}; producers, consumer and servers share one machine. Times in seconds.

Bursts of 2,400 to 3,600 rows (3,000 on average) from one to six producer processes that send at the same moment, through
Kafka to one consumer: the product's own producer and live reader. ${bursts} bursts a cell after ${warmUpBursts} for warming up, one
every ${burstEveryMs / 1000} s (twice as often as once a second, so that the study takes half the time); where the batch before was not done by then, a burst waited for its next turn (column late).
The reader takes a burst when all of it is there, at the latest ${lingerMs} ms after its first row, so a batch is a burst.
**Latency of a batch = end of its processing − mean sent_time of its rows.**

What is made of a batch: **single** each raw row is stored (PostgreSQL: COPY, MongoDB: insertMany); **batch** one delta per
store and item of the batch (the same way; about 1,350 of them); **total** the maintained total per store and item, upserted
(PostgreSQL: one INSERT … ON CONFLICT, MongoDB: bulks of 100 upserts by _id, four under way at once); **whole** all that
tillcast keeps of a batch: known or not, events, totals, days, hours, offsets and the measurement itself; **follow** the same,
in the batches that \`npm run follow\` takes (what came within ${takeLimits.lingerMs} ms), so a burst may be several. In PostgreSQL a
batch is one transaction, on disk when it ends.

${answers(result)}

## Beside the ancestors

Their medians are those that they published, from their machine; with one producer their batches had 635 rows, with six
3,648. Insert: the writing alone.

${besideAncestors(cells)}

## All cells

${markdownTable(
  [
    ...['producers', 'database', 'mode', 'batches', 'rows', 'median', 'p95', 'insert', 'insert p95'],
    ...['Kafka', 'decode', 'sum', 'late'],
  ],
  cells.map((cell) => {
    const latency = spread(cell.batches.map(({ latencyMs }) => latencyMs));
    const insert = spread(cell.batches.map(({ insertMs }) => insertMs));
    return [
      ...[cell.producers, ...names(cell), cell.batches.length, middle(cell, ({ rows }) => rows)],
      ...[latency.median, latency.p95, insert.median, insert.p95].map(seconds),
      ...[({ kafkaMs }: Batch) => kafkaMs, ({ parseMs }: Batch) => parseMs, ({ sumMs }: Batch) => sumMs].map((part) =>
        seconds(middle(cell, part)),
      ),
      cell.lateBursts,
    ];
  }),
)}

Kafka: from the mean sent_time until the batch was taken, without decoding: sending the rest, the broker, fetching, waiting
a moment for what belongs to the same burst. Medians of the parts need not add up to the median of the whole.

![latency of each batch by its rows](latency.svg)

![median latency by producers](latency-producers.svg)
`;
}

function besideAncestors(cells: readonly MeasuredCell[]): string {
  const most = Math.max(...cells.map(({ producers }) => producers));
  const figures = (cell: MeasuredCell | undefined): TableCell[] => {
    if (cell === undefined) return [null, null, null];
    const { median: latency, p95 } = spread(cell.batches.map(({ latencyMs }) => latencyMs));
    const insert = cell.mode === 'read' ? null : seconds(middle(cell, ({ insertMs }) => insertMs));
    return [seconds(latency), seconds(p95), insert];
  };
  const theirs = ({ database, mode }: MeasuredCell, producers: number): string => {
    const told = ancestors.find((one) => one.database === database && one.mode === mode && one.producers === producers);
    if (told === undefined) return '';
    return `${seconds(1000 * told.seconds)}${told.insertSeconds === null ? '' : ` (${seconds(1000 * told.insertSeconds)})`}`;
  };
  const ones = cells.filter(({ producers }) => producers === 1);
  return markdownTable(
    [
      ...['database', 'mode', '1 producer', 'p95', 'insert', 'ancestors, 1 (insert)'],
      ...[`${most} producers`, 'p95', 'insert', 'ancestors, 6 (insert)'],
    ],
    ones.map((one) => {
      const many = cells.find(
        ({ producers, database, mode }) => producers === most && database === one.database && mode === one.mode,
      );
      return [...names(one), ...figures(one), theirs(one, 1), ...figures(many), theirs(one, 6)];
    }),
  );
}
