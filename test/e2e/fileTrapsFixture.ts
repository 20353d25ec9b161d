import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestDataset } from '../support/dataset.ts';
import { changes, counts, expectOracle } from './dataFixture.ts';

/** A sale of one unit of item 101 in store 1. */
export const sale = (trans: number | string, quantity = -1, time = '11/3/2025 10:00') =>
  `{${trans}},101,1,${time},${quantity},1`;
export const sales = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => sale(from + at));

/** `subject: count` of what data_quality says by a rule. */
export const told = (dataset: TestDataset, rule: string) =>
  dataset
    .rows('data_quality.csv')
    .filter((row) => row.rule === rule)
    .map((row) => `${row.subject}: ${row.count}`);

/** Every figure against the oracle's reading of these lines, whatever the input folder holds by now. */
export function expectFiguresOf(dataset: TestDataset, change: readonly string[], count: readonly string[] = []): void {
  const folder = join(dataset.inputDir, '..', 'all');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'inventory_change_all.csv'), changes(...change));
  writeFileSync(join(folder, 'inventory_snapshot_all.csv'), counts(...count));
  try {
    expectOracle({ ...dataset, inputDir: folder });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
