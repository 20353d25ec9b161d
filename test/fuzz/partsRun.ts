import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Header } from '../../lib/core/header.ts';
import { rowParser } from '../../lib/core/parseRow.ts';
import type { EventRow } from '../../lib/core/types.ts';
import { fileHeader, type PartReject, type PartRow, partRows } from '../../lib/source/partRows.ts';
import { type Dice, dice } from './dice.ts';
import { type FuzzedFile, fuzzedFile } from './eventFiles.ts';
import { type JudgedValues, judge, type Verdict } from './judge.ts';

/** How many lines there were of each verdict. */
export type Tally = Record<Verdict['what'] | 'files', number>;

const rules = {
  dateOrderOf: () => 'mdy' as const,
  earliest: '2000-01-01 00:00:00',
  latestOf: () => '2030-01-01 00:00:00',
};
type Read = { rows: PartRow[]; rejects: PartReject[]; headers: number; lines: number };

/** Reads mutated files of `rows` lines in all and holds each line to its verdict. @throws where one differs, with seed, file and line */
export async function fuzzParts(seed: number, rows: number): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), 'tillcast-fuzz-'));
  const draw = dice(seed);
  const tally: Tally = {
    header: 0,
    blank: 0,
    headerAgain: 0,
    rejected: 0,
    loaded: 0,
    either: 0,
    files: 0,
  };
  try {
    for (let made = 0; made < rows; tally.files += 1) {
      // Now and then one of more than a block, so that lines and characters straddle blocks.
      const wide = draw.oneIn(12);
      const file = fuzzedFile(
        draw,
        Math.min(rows - made, wide ? 2_500 : 1 + draw.upTo(draw.pick([6, 40, 400, 2_000]))),
        wide,
      );
      made += file.lines;
      const path = join(folder, 'fuzzed.csv');
      await writeFile(path, file.bytes);
      await checkFile(path, file, draw, tally, `seed ${seed}, file ${tally.files + 1}`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return tally;
}

async function checkFile(path: string, file: FuzzedFile, draw: Dice, tally: Tally, where: string): Promise<void> {
  const { bytes, kind } = file;
  const read = await fileHeader(path, kind, bytes.length);
  if (!('header' in read)) throw new Error(`${where}: a valid header was not read: ${JSON.stringify(read)}`);
  const whole = await readParts(path, kind, read.header, [0, bytes.length]);
  const verdicts = judge(bytes, kind);
  checkLines(whole, verdicts, where, tally);

  // Read up to any line ends, as an hour after an hour does, it is the same; a small file line by line.
  const cuts: number[] = [];
  if (verdicts.length <= 40)
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, end + 1)) cuts.push(end + 1);
  else cuts.push(...[0, 1].map(() => bytes.indexOf(10, draw.upTo(bytes.length)) + 1).sort((a, b) => a - b));
  const pieces = await readParts(path, kind, read.header, [0, ...cuts, bytes.length]);
  if (JSON.stringify(pieces) !== JSON.stringify(whole)) {
    throw new Error(
      `${where}: cut at ${cuts.join(' and ')} it reads otherwise than whole: ${firstDifference(pieces, whole)}`,
    );
  }
}

async function readParts(path: string, kind: FuzzedFile['kind'], header: Header, cuts: number[]): Promise<Read> {
  const all: Read = { rows: [], rejects: [], headers: 0, lines: 0 };
  const parse = rowParser(kind, header, rules);
  for (const [at, from] of cuts.slice(0, -1).entries()) {
    const to = cuts[at + 1] ?? from;
    for await (const block of partRows({ path, from, to, linesBefore: all.lines }, header, parse)) {
      for (const row of block.rows) all.rows.push(row);
      for (const reject of block.rejects) all.rejects.push(reject);
      all.headers += block.repeatedHeaders;
      all.lines = block.lines;
    }
  }
  return all;
}

/** Each line is what its verdict says: loaded with these values, or rejected, or neither because it is nothing. */
function checkLines(read: Read, verdicts: readonly Verdict[], where: string, tally: Tally): void {
  const fail = (line: number, sentence: string) => {
    throw new Error(`${where}, line ${line}: ${sentence}`);
  };
  if (read.lines !== verdicts.length) fail(verdicts.length, `${read.lines} physical lines were counted`);
  const loaded = new Map<number, EventRow>();
  for (const { row, line } of read.rows) {
    if (loaded.has(line)) fail(line, 'was loaded twice');
    loaded.set(line, row);
  }
  const rejected = new Map<number, PartReject>();
  for (const reject of read.rejects) {
    if (rejected.has(reject.line) || loaded.has(reject.line))
      fail(reject.line, 'was rejected and loaded, or rejected twice');
    rejected.set(reject.line, reject);
  }
  let headersAgain = 0;
  for (const [at, verdict] of verdicts.entries()) {
    const line = at + 1;
    const row = loaded.get(line);
    const reject = rejected.get(line);
    const got = row !== undefined ? 'loaded' : reject !== undefined ? 'rejected' : 'nothing';
    const should =
      { header: 'nothing', blank: 'nothing', headerAgain: 'nothing' }[verdict.what as string] ?? verdict.what;
    tally[verdict.what] += 1;
    if (verdict.what === 'headerAgain') headersAgain += 1;
    if (verdict.what === 'either' ? got === 'nothing' : got !== should) {
      fail(line, `should be ${should}, is ${got}: ${JSON.stringify(row ?? reject)}`);
    }
    if (verdict.what === 'loaded' && row !== undefined && valuesText(verdict.values) !== rowText(row)) {
      fail(line, `says ${valuesText(verdict.values)}, was loaded as ${rowText(row)}`);
    }
  }
  if (headersAgain !== read.headers)
    fail(1, `${read.headers} headers that come again were counted, not ${headersAgain}`);
}

function valuesText({ store, item, time, quantity, type, trans, employee }: JudgedValues): string {
  return JSON.stringify([store, item, time, quantity, type, trans, employee].map((value) => value?.toString() ?? null));
}

function rowText(row: EventRow): string {
  const values = [row.storeId, row.itemId, row.dateTime, row.quantity, row.changeTypeId, row.transId, row.employeeId];
  return JSON.stringify(values.map((value) => (Object.is(value, -0) ? '-0' : (value?.toString() ?? null))));
}

function firstDifference(one: Read, other: Read): string {
  for (const key of ['rows', 'rejects'] as const) {
    for (const [at, row] of one[key].entries()) {
      if (JSON.stringify(row) !== JSON.stringify(other[key][at])) return JSON.stringify([row, other[key][at]]);
    }
  }
  return JSON.stringify([
    one.rows.length,
    other.rows.length,
    one.rejects.length,
    other.rejects.length,
    one.lines,
    other.lines,
  ]);
}
