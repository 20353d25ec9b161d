import { TillcastError } from '../lib/core/errors.ts';
import { counterEventId, eventId, rowFingerprint } from '../lib/core/eventIdentity.ts';
import { isGzip } from '../lib/core/fileKind.ts';
import type { LineRange } from '../lib/core/lineRanges.ts';
import { Occurrences } from '../lib/core/occurrences.ts';
import { rowParser } from '../lib/core/parseRow.ts';
import { knownEventIds } from '../lib/postgres/knownEvents.ts';
import { noteWithdrawals, type Withdrawal } from '../lib/postgres/withdrawals.ts';
import { type ExportFile, listInput } from '../lib/source/inputFolder.ts';
import { fileHeader, partRows } from '../lib/source/partRows.ts';
import type { Pipeline } from './pipeline.ts';
import { withdrawnEvent } from './produceWithdrawals.ts';
import { rowRules } from './rowRules.ts';

export type WithdrawRequest = Readonly<{ file: string; ranges: readonly LineRange[] }>;

/** `noted` lines will be taken back by the next run; `already` were asked for before. */
export type WithdrawResult = Readonly<{ noted: number; already: number }>;

const listedProblems = 10;

/**
 * Notes delivered lines of a change file to be taken back: the next run counts an event with the opposite quantity for
 * each. All lines or none. A line that stands in other files too is one event, so it is taken back for all of them.
 * @throws TillcastError ETL_INPUT that names the lines which cannot be taken back, and why
 */
export async function withdrawLines(pipeline: Pipeline, request: WithdrawRequest, now: Date): Promise<WithdrawResult> {
  const file = await changeFile(pipeline, request.file);
  const { lines, problems } = await linesOf(pipeline, file, request.ranges, now);
  const known = await knownEventIds(pipeline.db, lines.map(withdrawnEvent));
  for (const line of lines) {
    if (!known.has(line.eventId)) problems.push(`line ${line.line} is not counted yet: run first`);
  }
  if (problems.length > 0 || lines.length === 0) {
    const listed = problems.slice(0, listedProblems);
    if (problems.length > listed.length) listed.push(`and ${problems.length - listed.length} more`);
    if (lines.length === 0 && problems.length === 0) listed.push('these lines hold no events');
    throw refused(`nothing of ${file.name} was taken back: ${listed.join('; ')}`);
  }
  const noted = await noteWithdrawals(pipeline.db, lines);
  return { noted: noted.length, already: lines.length - noted.length };
}

async function changeFile(pipeline: Pipeline, name: string): Promise<ExportFile> {
  const { files } = await listInput(pipeline.inputDir);
  const file = files.find((candidate) => candidate.name === name);
  if (file === undefined) {
    throw refused(
      `${pipeline.inputDir} holds no export ${name}: name a file there (without its folder) that holds the lines; ` +
        'a line is the same event under any file name',
    );
  }
  if (file.kind === 'change') return file;
  throw refused(
    file.kind === 'count'
      ? `${name} holds counts, which a counter-event cannot take back: what the stock was without one is not known; ` +
          'deliver the right count for the same item at that time (the larger of two stands) or at a later one'
      : `${name} is no file of changes: mend it, and the next run reads it again`,
  );
}

/** The events of the asked lines, with the identity they count under, and what is wrong with the others. */
async function linesOf(pipeline: Pipeline, file: ExportFile, ranges: readonly LineRange[], now: Date) {
  const to = isGzip(file.name) ? Number.MAX_SAFE_INTEGER : file.sizeBytes;
  const header = await fileHeader(file.path, 'change', to);
  if (!('header' in header)) throw refused(`${file.name}: ${'refusal' in header ? header.refusal : 'holds no lines'}`);
  const parse = rowParser('change', header.header, rowRules(pipeline.settings, new Map(), now));
  const asked = (line: number) => ranges.some((range) => line >= range.from && line <= range.to);
  const last = Math.max(...ranges.map((range) => range.to));
  const occurrences = new Occurrences();
  const lines: Withdrawal[] = [];
  const problems: string[] = [];
  let end = 0;
  for await (const block of partRows({ path: file.path, from: 0, to, linesBefore: 0 }, header.header, parse)) {
    for (const reject of block.rejects) {
      if (asked(reject.line)) problems.push(`line ${reject.line} was never loaded (${reject.reason})`);
    }
    for (const { row, line } of block.rows) {
      if (line > last) break;
      const fingerprint = rowFingerprint(row);
      const id = eventId(row, fingerprint, occurrences.add(fingerprint));
      if (!asked(line)) continue;
      const { storeId, itemId, dateTime, quantity } = row;
      const change = { changeTypeId: row.changeTypeId ?? 0, transId: row.transId ?? '' };
      const counter = { eventId: id, counterEventId: counterEventId(id) };
      lines.push({ ...counter, storeId, itemId, dateTime, ...change, quantity, file: file.name, line });
    }
    end = block.lines;
    if (end > last) break;
  }
  if (last > end) problems.push(`it ends at line ${end}, and line ${last} was asked for`);
  return { lines, problems };
}

function refused(sentence: string): TillcastError {
  return new TillcastError('ETL_INPUT', sentence);
}
