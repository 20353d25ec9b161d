import { isUtf8 } from 'node:buffer';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { referenceRows } from '../../lib/source/referenceRows.ts';
import { type Dice, dice } from './dice.ts';
import { mutatedBytes } from './eventFiles.ts';
import { hostileNumbers, hostileTexts } from './hostile.ts';
import { splitFields } from './judge.ts';

export type ReferenceTally = Record<'files' | 'lines' | 'loaded' | 'broken' | 'nothing', number>;

const columns = 'item_id,name,supplier_id,safety_stock_quantity';

/**
 * Reads mutated item files of `rows` lines in all: each line belongs to exactly one row or broken record under its
 * number, or is blank or the header again; a line whose quotes all close on it reads as its fields. @throws where not
 */
export async function fuzzReference(seed: number, rows: number): Promise<ReferenceTally> {
  const folder = await mkdtemp(join(tmpdir(), 'tillcast-fuzz-'));
  const draw = dice(seed);
  const tally: ReferenceTally = { files: 0, lines: 0, loaded: 0, broken: 0, nothing: 0 };
  try {
    for (let made = 0; made < rows; tally.files += 1) {
      const count = Math.min(rows - made, 1 + draw.upTo(draw.pick([5, 50, 1_000])));
      const parts = Array.from({ length: count }, () => itemLine(draw));
      const bytes = Buffer.concat([Buffer.from(`${draw.pick(['', '\ufeff'])}${columns}\n`), ...parts]);
      made += count;
      const path = join(folder, 'item.csv');
      await writeFile(path, bytes);
      await checkFile(path, bytes, tally, `seed ${seed}, file ${tally.files + 1}`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return tally;
}

function itemLine(draw: Dice): Buffer {
  const name = draw.oneIn(2) ? `Mug ${draw.upTo(900)}` : draw.pick(hostileTexts);
  const cells = [
    draw.oneIn(9) ? draw.pick(hostileNumbers) : String(draw.upTo(5_000)),
    name,
    'S1',
    String(draw.upTo(40)),
  ];
  if (draw.oneIn(3)) cells[1] = `"${name.replaceAll('"', '""')}${draw.pick(['', '\n', ' \r\n b', ', '])}"`;
  const line = draw.pick([
    ...Array.from({ length: 12 }, () => cells.join(',')),
    ...[
      columns,
      '',
      '  ',
      '"',
      cells.slice(1).join(','),
      `${cells.join(',')},`,
      cells.join('"'),
      `${cells.join(',')}"`,
    ],
  ]);
  const bytes = Buffer.from(line + draw.pick(['\n', '\n', '\r\n']));
  return draw.oneIn(15) ? mutatedBytes(draw, bytes) : bytes;
}

async function checkFile(path: string, bytes: Buffer, tally: ReferenceTally, where: string): Promise<void> {
  const read = await referenceRows(path, 'item');
  if ('refusal' in read) throw new Error(`${where}: refused: ${read.refusal}`);
  const text = bytes
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .replaceAll('\r\n', '\n')
    .trimEnd();
  const lines = text.split('\n');
  const owner = new Map<number, string>();
  for (const { line, raw } of [...read.rows, ...read.broken]) {
    const own = raw.split('\n');
    if (lines.slice(line - 1, line - 1 + own.length).join('\n') !== raw) {
      throw new Error(`${where}, line ${line}: its raw text is not what stands there: ${JSON.stringify(raw)}`);
    }
    for (let at = line; at < line + own.length; at += 1) {
      if (owner.has(at)) throw new Error(`${where}, line ${at}: belongs to two records`);
      owner.set(at, raw);
    }
  }
  const valuesAt = new Map(read.rows.map(({ line, values }) => [line, values]));
  for (const [at, line] of lines.entries()) {
    if (at === 0) continue;
    tally.lines += 1;
    const raw = owner.get(at + 1);
    if (raw === undefined) {
      tally.nothing += 1;
      if (line.trim() !== '' && !headerAround(lines, owner, at)) {
        throw new Error(`${where}, line ${at + 1}: is neither loaded nor rejected: ${JSON.stringify(line)}`);
      }
      continue;
    }
    const values = valuesAt.get(at + 1);
    tally[values === undefined ? 'broken' : 'loaded'] += 1;
    if (raw !== line) continue;
    const fields = splitFields(line.trimEnd().replace(/^\ufeff/, ''));
    if (fields === undefined) continue;
    const should = fields.length === 4 && !line.includes('\0') && (isUtf8(bytes) || !line.includes('\ufffd'));
    if (should !== (values !== undefined)) {
      throw new Error(`${where}, line ${at + 1}: ${should ? 'was rejected' : 'was loaded'}: ${JSON.stringify(line)}`);
    }
    if (values === undefined) continue;
    const got = columns.split(',').map((column) => values[column]);
    const said = fields.map((field) => field.split(/[\r\v\f\u0085\u2028\u2029]/).map((part) => part.trim()));
    const expected = said.map((parts) => parts.filter((part) => part !== '').join(' '));
    if (JSON.stringify(got) !== JSON.stringify(expected)) {
      throw new Error(`${where}, line ${at + 1}: says ${JSON.stringify(expected)}, was read as ${JSON.stringify(got)}`);
    }
  }
}

/** Whether a line is of the header once more, which quotes may spread over lines that are all no one else's. */
function headerAround(lines: readonly string[], owner: ReadonlyMap<number, string>, at: number): boolean {
  for (let from = at; from > 0 && from > at - 4 && !owner.has(from + 1); from -= 1) {
    for (let to = from; to < from + 4 && !owner.has(to + 1); to += 1) {
      const text = lines.slice(from, to + 1).join('');
      if (to >= at && text.replace(/["\s\ufeff]/g, '').toLowerCase() === columns) return true;
    }
  }
  return false;
}
