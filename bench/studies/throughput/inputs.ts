import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Papa from 'papaparse';
import { listInput } from '../../../lib/source/inputFolder.ts';
import type { StudyContext } from '../../study.ts';
import { measure } from './measure.ts';

/** A folder of exports, and what its change lines hold: what every contender must find again. */
export type StudyInput = Readonly<{
  title: string;
  dir: string;
  changeRows: number;
  countRows: number;
  quantitySum: number;
  /** Reading the change files and splitting their fields by papaparse, nothing else. */
  papaparseSeconds: number;
}>;

/** Counts and sums a folder's change lines by papaparse alone. */
export async function lookAt(title: string, dir: string): Promise<StudyInput> {
  let changeRows = 0;
  let countRows = 0;
  let quantitySum = 0;
  let papaparseMs = 0;
  const { files } = await listInput(dir);
  const linesOf = (path: string) =>
    Papa.parse<string[]>(readFileSync(path, 'utf8'), { delimiter: ',', skipEmptyLines: true }).data;
  for (const { path } of files.filter(({ kind }) => kind === 'count')) countRows += linesOf(path).length - 1;
  for (const file of files.filter(({ kind }) => kind === 'change')) {
    const begun = performance.now();
    const data = linesOf(file.path);
    papaparseMs += performance.now() - begun;
    const quantityAt = data[0]?.indexOf('quantity') ?? -1;
    for (const fields of data.slice(1)) quantitySum += Number(fields[quantityAt]);
    changeRows += data.length - 1;
  }
  return { title, dir, changeRows, countRows, quantitySum, papaparseSeconds: papaparseMs / 1000 };
}

/** Exports of a simulated chain in the study's folder, by the project's own simulator. */
export async function simulate(context: StudyContext, name: string, flags: Readonly<Record<string, number>>) {
  const dir = join(context.workDir, name);
  const numbers = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, String(value)]);
  await measure(
    process.execPath,
    ['local/setup.mjs', 'local/simulator/command.ts', '--out', dir, '--start', '2024-01-01', ...numbers],
    { cwd: projectDir, env: context.environment(), signal: context.signal },
  );
  return dir;
}

export const projectDir = join(import.meta.dirname, '..', '..', '..');
