import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Papa from 'papaparse';
import { rowRules } from '../../../jobs/rowRules.ts';
import { eventId, rowFingerprint } from '../../../lib/core/eventIdentity.ts';
import { Occurrences } from '../../../lib/core/occurrences.ts';
import { rowParser } from '../../../lib/core/parseRow.ts';
import type { OutgoingEvent } from '../../../lib/kafka/eventProducer.ts';
import { listInput } from '../../../lib/source/inputFolder.ts';
import { fileHeader, partRows } from '../../../lib/source/partRows.ts';
import type { StudyContext } from '../../study.ts';
import { measure } from './measure.ts';

/** A folder of exports, and what its change lines hold: what every contender must find again. */
export type StudyInput = Readonly<{
  title: string;
  dir: string;
  changeRows: number;
  quantitySum: number;
  /** Reading the change files and splitting their fields by papaparse, nothing else. */
  papaparseSeconds: number;
}>;

/** Counts and sums a folder's change lines by papaparse alone. */
export async function lookAt(title: string, dir: string): Promise<StudyInput> {
  let changeRows = 0;
  let quantitySum = 0;
  let papaparseMs = 0;
  for (const file of (await listInput(dir)).files.filter(({ kind }) => kind === 'change')) {
    const begun = performance.now();
    const { data } = Papa.parse<string[]>(readFileSync(file.path, 'utf8'), { delimiter: ',', skipEmptyLines: true });
    papaparseMs += performance.now() - begun;
    const quantityAt = data[0]?.indexOf('quantity') ?? -1;
    for (const fields of data.slice(1)) quantitySum += Number(fields[quantityAt]);
    changeRows += data.length - 1;
  }
  return { title, dir, changeRows, quantitySum, papaparseSeconds: papaparseMs / 1000 };
}

/** The change lines of a folder as the product would send them. */
export async function eventsOf({ settings }: StudyContext, dir: string): Promise<OutgoingEvent[]> {
  const events: OutgoingEvent[] = [];
  const rules = rowRules(settings(), new Map(), new Date());
  for (const { name, path, kind, sizeBytes } of (await listInput(dir)).files) {
    if (kind !== 'change') continue;
    const read = await fileHeader(path, kind, sizeBytes);
    if (!('header' in read)) continue;
    const occurrences = new Occurrences();
    const part = { path, from: 0, to: sizeBytes, linesBefore: 0 };
    for await (const { rows } of partRows(part, read.header, rowParser(kind, read.header, rules))) {
      for (const { row, line } of rows) {
        const fingerprint = rowFingerprint(row);
        const event = { ...row, eventId: eventId(row, fingerprint, occurrences.add(fingerprint)) };
        events.push({ event, from: { file: name, line } });
      }
    }
  }
  return events;
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
