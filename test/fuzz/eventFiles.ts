import type { Dice } from './dice.ts';
import { hostileBytes, hostileNumbers, hostileTexts, hostileTimes } from './hostile.ts';

export type EventKindOfFile = 'change' | 'count';
export type FuzzedFile = Readonly<{ kind: EventKindOfFile; bytes: Buffer; lines: number }>;

export const columnsOfKind: Readonly<Record<EventKindOfFile, readonly string[]>> = {
  change: ['trans_id', 'item_id', 'store_id', 'date_time', 'quantity', 'change_type_id'],
  count: ['item_id', 'employee_id', 'store_id', 'date_time', 'quantity'],
};

const texts = new Set(['trans_id', 'employee_id']);

/** A file of `rows` lines, most of them valid; every fourth line or so is mutated, in a field, a separator or a byte. */
export function fuzzedFile(dice: Dice, rows: number, wide: boolean): FuzzedFile {
  const kind = dice.oneIn(3) ? 'count' : 'change';
  const columns = shuffled(dice, [...columnsOfKind[kind], ...(wide || dice.oneIn(4) ? ['note'] : [])]);
  const header = columns.map((column) => cased(dice, column));
  const end = dice.pick(['\n', '\r\n', '\n']);
  const parts: Buffer[] = [Buffer.from(dice.oneIn(3) ? '\ufeff' : ''), Buffer.from(header.join(',') + end)];
  for (let row = 0; row < rows; row += 1) {
    const line = dice.oneIn(4) ? mutatedLine(dice, columns, header, wide) : validLine(dice, columns, wide).join(',');
    let bytes = Buffer.from(line);
    if (dice.oneIn(12)) bytes = mutatedBytes(dice, bytes);
    parts.push(bytes, Buffer.from(dice.oneIn(15) ? dice.pick(['\n', '\r\n', '\n\n', '\r\r\n', '\n\r\n', ' \n']) : end));
  }
  if (dice.oneIn(3)) parts.pop();
  return { kind, bytes: Buffer.concat(parts), lines: rows };
}

/** Cells of a valid line in the order of the columns; `wide` puts letters of several bytes on every place of a block. */
function validLine(dice: Dice, columns: readonly string[], wide: boolean): string[] {
  return columns.map((column) => {
    if (column === 'trans_id') return dice.oneIn(2) ? `{${dice.upTo(1e6)}}` : `T${dice.upTo(1e6)}`;
    if (column === 'employee_id') return dice.oneIn(3) ? '' : `E${dice.upTo(50)}`;
    if (column === 'date_time') return validTime(dice);
    if (column === 'quantity') return String(dice.upTo(90));
    if (column === 'change_type_id') return String(1 + dice.upTo(4));
    if (column === 'note') return wide ? dice.pick(['é', '💡', '漢字', 'x']).repeat(1 + dice.upTo(400)) : 'note';
    return String(dice.upTo(9_000));
  });
}

function validTime(dice: Dice): string {
  const [month, day, hour, minute] = [1 + dice.upTo(12), 1 + dice.upTo(28), dice.upTo(24), dice.upTo(60)];
  const two = (value: number) => String(value).padStart(2, '0');
  const seconds = dice.oneIn(4) ? `:${two(dice.upTo(60))}` : '';
  return dice.oneIn(2)
    ? `${month}/${day}/2025 ${hour}:${two(minute)}${seconds}`
    : `2025-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}${seconds}`;
}

function mutatedLine(dice: Dice, columns: readonly string[], header: readonly string[], wide: boolean): string {
  const cells = validLine(dice, columns, wide);
  const at = dice.upTo(cells.length);
  const cell = cells[at] ?? '';
  switch (dice.upTo(12)) {
    case 0:
      return dice.pick(['', ' ', '\r', '\t', '\u00a0', ',', ',,,,,,', '"', '""', '"\r', '\ufeff', header.join(',')]);
    case 1:
      return cells.toSpliced(at, 1).join(',');
    case 2:
      return cells.toSpliced(at, 0, dice.pick(['', 'x', '"', cell])).join(',');
    case 3:
      return cells.join(dice.pick([';', '\t', '|', ', ', ' ,', ',,']));
    case 4:
      return cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(',');
    case 5:
      return cells
        .with(at, dice.pick([`"${cell}`, `${cell}"`, `"${cell}"x`, `"${cell}" `, ` "${cell}"`, `""${cell}""`]))
        .join(',');
    case 6:
      return cells.with(at, `"${dice.pick(hostileTexts).replaceAll('"', '""')}"`).join(',');
    case 7:
      return cells.with(at, 'x"'.repeat(dice.upTo(200)) + 'é'.repeat(dice.upTo(3_000))).join(',');
    default: {
      const column = columns[at] ?? '';
      const pool = texts.has(column) ? hostileTexts : column === 'date_time' ? hostileTimes : hostileNumbers;
      return cells.with(at, dice.pick(dice.oneIn(5) ? hostileTexts : pool)).join(',');
    }
  }
}

/** Bytes put in, taken out or turned, at any place, also within a character. */
export function mutatedBytes(dice: Dice, bytes: Buffer): Buffer<ArrayBuffer> {
  const at = dice.upTo(bytes.length + 1);
  const [before, behind] = [bytes.subarray(0, at), bytes.subarray(at)];
  if (dice.oneIn(3)) return Buffer.concat([before, behind.subarray(1 + dice.upTo(3))]);
  if (dice.oneIn(3)) return Buffer.concat([before, Buffer.from([dice.upTo(256)]), behind.subarray(1)]);
  return Buffer.concat([before, dice.pick(hostileBytes), behind]);
}

function cased(dice: Dice, column: string): string {
  return dice.pick([
    column,
    column,
    column.toUpperCase(),
    ` ${column} `,
    column.replace('_', '_').replace(/^./, (c) => c.toUpperCase()),
  ]);
}

function shuffled<T>(dice: Dice, all: readonly T[]): T[] {
  if (!dice.oneIn(3)) return [...all];
  const mixed = [...all];
  for (let at = mixed.length - 1; at > 0; at -= 1) {
    const other = dice.upTo(at + 1);
    [mixed[at], mixed[other]] = [mixed[other] as T, mixed[at] as T];
  }
  return mixed;
}
