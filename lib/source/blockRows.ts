import Papa from 'papaparse';

/**
 * One physical line of a block: its fields, or why it cannot have any. `lineOffset` counts lines from the block's
 * start, 0 first.
 */
export type BlockRow = Readonly<
  { lineOffset: number; fields: readonly string[] } | { lineOffset: number; broken: string }
>;

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });
const lineFeed = 10;
const carriageReturn = 13;
const quote = 34;
/** A longer line is none of an export; its fields, millions perhaps, are not even split. */
const longestLineBytes = 1024 * 1024;
/** More of a bad line than is kept: lines of many megabytes must not be held as text. */
const rawBytes = 8 * 1024;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** What stands in a row's place in `rejected_row.raw`, of a long line its beginning. */
export function rawLine(bytes: Buffer): string {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === lineFeed || bytes[end - 1] === carriageReturn)) end -= 1;
  return lenient.decode(bytes.subarray(0, Math.min(end, rawBytes)));
}

/** The block without a UTF-8 byte-order mark. */
export function withoutBom(bytes: Buffer): Buffer {
  return bytes.subarray(0, 3).equals(byteOrderMark) ? bytes.subarray(3) : bytes;
}

/**
 * A block as text where its lines can be cut at commas as they are; undefined where it holds a quote, a NUL, a byte
 * that is no UTF-8 or perhaps a line of more than 1 MiB: then `blockRows` takes it line by line.
 */
export function plainText(bytes: Buffer): string | undefined {
  const careful = bytes.includes(quote) || bytes.includes(0) || bytes.length > longestLineBytes;
  return careful ? undefined : decode(bytes);
}

/** Where the lines of a text stand, without their line ends (`\n` or `\r\n`). Returns how many there are. */
export function eachLine(text: string, onLine: (lineOffset: number, start: number, end: number) => void): number {
  let lineOffset = 0;
  for (let start = 0; start < text.length; lineOffset += 1) {
    const feed = text.indexOf('\n', start);
    const end = feed < 0 ? text.length : feed;
    onLine(lineOffset, start, end > start && text.charCodeAt(end - 1) === carriageReturn ? end - 1 : end);
    start = end + 1;
  }
  return lineOffset;
}

/** The fields of a line of a plain text, undefined of a blank one. */
export function plainFields(line: string): readonly string[] | undefined {
  const fields = line.split(',');
  return fields.length > 1 || line.trim() !== '' ? fields : undefined;
}

/**
 * Splits a block of whole lines into fields, one row a physical line; blank lines are skipped but counted. Each line
 * goes through papaparse alone, so that a broken one never takes its neighbours along.
 * @returns the rows, and the number of physical lines of the block
 */
export function blockRows(bytes: Buffer): { rows: BlockRow[]; lines: number } {
  const rows: BlockRow[] = [];
  let lineOffset = 0;
  for (let start = 0; start < bytes.length; lineOffset += 1) {
    const feed = bytes.indexOf(lineFeed, start);
    const end = feed < 0 ? bytes.length : feed;
    const line = bytes.subarray(start, end);
    start = end + 1;
    const row = parseLine(line, lineOffset);
    if (row !== undefined) rows.push(row);
  }
  return { rows, lines: lineOffset };
}

function parseLine(bytes: Buffer, lineOffset: number): BlockRow | undefined {
  if (bytes.length > longestLineBytes) return { lineOffset, broken: 'a line of more than 1 MiB' };
  const text = decode(bytes);
  if (text === undefined) return { lineOffset, broken: 'not UTF-8' };
  if (text.includes('\0')) return { lineOffset, broken: 'a NUL character' };
  // papaparse forgives spaces after a closing quote, but not at the very end; values are trimmed anyway.
  const line = text.trimEnd();
  if (line === '') return undefined;
  const parsed = Papa.parse<string[]>(line, { delimiter: ',', newline: '\n', header: false });
  const [fields] = parsed.data;
  // papaparse takes a quote within an unquoted field as text, but a line with an odd one is torn: `rest of a name",5`.
  if (
    parsed.errors.length > 0 ||
    parsed.data.length !== 1 ||
    fields === undefined ||
    line.split('"').length % 2 === 0
  ) {
    return { lineOffset, broken: 'an unbalanced quote' };
  }
  return { lineOffset, fields };
}

function decode(bytes: Buffer): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * The bytes of physical lines of a block, without their line ends; to be asked for in ascending order, because each
 * look goes on from the last one: a block of bad lines only is walked through once.
 */
export function linesOf(bytes: Buffer): (lineOffset: number) => Buffer {
  let line = 0;
  let start = 0;
  return (lineOffset) => {
    for (; line < lineOffset; line += 1) start = bytes.indexOf(lineFeed, start) + 1;
    const feed = bytes.indexOf(lineFeed, start);
    return bytes.subarray(start, feed < 0 ? bytes.length : feed);
  };
}
