import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { openStations } from '../../jobs/stations.ts';
import { newestRuns, type Run } from '../../lib/postgres/ledger.ts';
import { queuePrefix } from '../../lib/queue/connection.ts';
import { dropQueues } from '../../lib/queue/queues.ts';
import { exportHours, type SimulatorOptions } from '../../local/simulator/simulator.ts';
import { type CsvRow, openTestDataset, type TestDataset } from '../support/dataset.ts';
import { expected, expectedCombined, identityOfRow } from '../support/oracle.ts';
import { random } from '../support/seededRandom.ts';

export const changeHeader = 'trans_id,item_id,store_id,date_time,quantity,change_type_id';
export const countHeader = 'item_id,employee_id,store_id,date_time,quantity';

/** A change or count file from its lines. */
export const changes = (...lines: string[]) => `${[changeHeader, ...lines].join('\n')}\n`;
export const counts = (...lines: string[]) => `${[countHeader, ...lines].join('\n')}\n`;

/** Rows with some of their columns. */
export function pick(rows: readonly CsvRow[], columns: readonly string[]): CsvRow[] {
  return rows.map((row) => Object.fromEntries(columns.map((column) => [column, row[column] ?? 'MISSING'])));
}

/** Runs `work` on a dataset of its own and forgets it, whatever happens. */
export async function withDataset<T>(
  env: Record<string, string>,
  work: (dataset: TestDataset) => Promise<T>,
): Promise<T> {
  const dataset = await openTestDataset(env);
  try {
    return await work(dataset);
  } finally {
    await dataset.close();
  }
}

export function shuffled<T>(all: readonly T[], next: () => number): T[] {
  const mixed = [...all];
  for (let at = mixed.length - 1; at > 0; at -= 1) {
    const other = Math.floor(next() * (at + 1));
    [mixed[at], mixed[other]] = [mixed[other] as T, mixed[at] as T];
  }
  return mixed;
}

/** Lines of the simulated stores by file, without headers. */
export function simulatedLines(options: SimulatorOptions): Map<string, string[]> {
  const files = new Map<string, string[]>();
  for (const hour of exportHours(options)) {
    for (const [name, text] of hour.files) {
      const lines = files.get(name) ?? [];
      lines.push(...text.split('\r\n').filter((line) => line !== ''));
      files.set(name, lines);
    }
  }
  return files;
}

export const headerOf = (name: string) => (name.includes('snapshot') ? countHeader : changeHeader);

/**
 * Lines of two shops and the web shop over five months, with many events at one time, returns, all change types and
 * sparse counts; no two lines alike, so that they may be spread over files in any way.
 */
export function mixedLines(seed: number, rows: number): { change: string[]; count: string[] } {
  const next = random(seed);
  const upTo = (limit: number) => Math.floor(next() * limit);
  const change = new Set<string>();
  const count = new Set<string>();
  while (change.size + count.size < rows) {
    const time = `${1 + upTo(5)}/${1 + upTo(28)}/2025 ${upTo(3) + 9}:00`;
    const [store, item] = [upTo(3), 100 + upTo(4)];
    if (next() < 0.12) count.add(`${item},${store === 0 ? '' : upTo(3)},${store},${time},${upTo(50)}`);
    else {
      const type = [1, 1, 1, 2, 3, 4, 9][upTo(7)] ?? 1;
      const units = 1 + upTo(9);
      const quantity = type === 3 ? units * 3 : next() < 0.1 ? units : -units;
      change.add(`{T${upTo(rows)}},${item},${store},${time},${quantity},${type}`);
    }
  }
  return { change: [...change], count: [...count] };
}

/** The story of a run adds up (product.md, rows_read). */
export function expectRowsAddUp(run: {
  rows_read: number;
  rows_new: number;
  rows_duplicate: number;
  rows_rejected: number;
}) {
  expect(run.rows_read).toBe(run.rows_new + run.rows_duplicate + run.rows_rejected);
}

/** Every figure of the output folder against the oracle's reading of the input folder. */
export function expectOracle(dataset: TestDataset) {
  const oracle = expected(dataset.inputDir);
  for (const name of ['delta_quantity', 'inventory_current', 'sales_daily', 'sales_hourly', 'stocktake'] as const) {
    const columns = Object.keys(oracle[name][0] ?? {});
    expect([name, pick(dataset.rows(`${name}.csv`), columns)]).toEqual([name, oracle[name]]);
  }
  const rows = dataset.rows('combined.csv');
  expect(rows.map(identityOfRow).sort()).toEqual(oracle.events);
  expect(pick(rows, ['event_id', 'final_quantity', 'source_type', 'units_sold'])).toEqual(expectedCombined(rows));
}

/** A run that a person started from the queue UI; unlike `once` it does not wait for last lines to settle. */
export async function handRun(dataset: TestDataset): Promise<Run> {
  const { pipeline } = dataset;
  const stations = await openStations(pipeline, queuePrefix(dataset.name), (line) => dataset.said.push(line));
  try {
    const [before] = await newestRuns(pipeline.db, 1);
    await stations.queues.door.add('run', {});
    for (;;) {
      const [newest] = await newestRuns(pipeline.db, 1);
      if (newest !== undefined && newest.run_seq !== before?.run_seq && newest.finished_at !== null) return newest;
      await sleep(20);
    }
  } finally {
    await dropQueues(stations.queues);
    await stations.close();
  }
}
