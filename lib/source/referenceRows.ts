import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import Papa from 'papaparse';
import { isGzip } from '../core/fileKind.ts';
import { type HeaderKind, isHeaderAgain, readHeader } from '../core/header.ts';
import { withoutBom } from './blockRows.ts';

/** One row of an item, store, change type or planning file; values by column name, trimmed, line breaks become a space. */
export type ReferenceRow = Readonly<{ line: number; values: Readonly<Record<string, string>>; raw: string }>;
export type ReferenceFile =
  | {
      readonly rows: readonly ReferenceRow[];
      readonly broken: readonly { line: number; reason: string; raw: string }[];
    }
  | { readonly refusal: string };

const unpack = promisify(gunzip);
const maxBytes = 128 * 1024 * 1024;
/** A name stands in each row of its events: a longer one is no name, and would fill the disk. */
const longestValue = 1_000;
const lineBreak = /[\n\v\f\r\u0085\u2028\u2029]+/;
const format = { delimiter: ',', newline: '\n', header: false } as const;
const utf16 = 'UTF-16 text or NUL characters in the header: export it as UTF-8';

/** Reads a whole reference file (100,000 rows are usual); here line breaks inside quotes are allowed (product.md). */
export async function referenceRows(path: string, kind: HeaderKind): Promise<ReferenceFile> {
  const packed = await readFile(path);
  const bytes = withoutBom(isGzip(path) ? await unpack(packed, { maxOutputLength: maxBytes }) : packed);
  if (bytes[0] === 0xff || bytes[0] === 0xfe) return { refusal: utf16 };
  const text = bytes.toString('utf8').replaceAll('\r\n', '\n').trimEnd();
  if (text === '') return { rows: [], broken: [] };
  const [first, ...records] = recordsOf(text);
  if (first === undefined || first.raw.includes('\0')) return { refusal: utf16 };
  if (first.torn) return { refusal: 'the header cannot be read: an unbalanced quote' };
  const read = readHeader(first.fields, kind);
  if ('refusal' in read) return read;
  const { header } = read;
  // Decoding put U+FFFD where a byte was no UTF-8; a file that is all UTF-8 may hold that character itself.
  const undecoded = isUtf8(bytes) ? undefined : '\ufffd';
  const rows: ReferenceRow[] = [];
  const broken: { line: number; reason: string; raw: string }[] = [];
  for (const { line, fields, raw, torn } of records) {
    if (raw.trim() === '' || isHeaderAgain(fields, header)) continue;
    if (torn) broken.push({ line, reason: 'an unbalanced quote', raw });
    else if (raw.includes('\0')) broken.push({ line, reason: 'a NUL character', raw });
    else if (undecoded !== undefined && raw.includes(undecoded)) broken.push({ line, reason: 'not UTF-8', raw });
    else if (fields.length !== header.width) {
      const word = fields.length < header.width ? 'few' : 'many';
      broken.push({ line, reason: `too ${word} fields: expected ${header.width}, got ${fields.length}`, raw });
    } else {
      const values = Object.fromEntries(
        Object.entries(header.position).map(([column, position]) => [column, onOneLine(fields[position] ?? '')]),
      );
      const long = Object.keys(values).find((column) => (values[column] ?? '').length > longestValue);
      if (long === undefined) rows.push({ line, values, raw });
      else broken.push({ line, reason: `${long} is longer than ${longestValue} characters`, raw });
    }
  }
  return { rows, broken };
}

/** Names stand in each row of the outputs, which hold no line break of any kind within a field. */
function onOneLine(value: string): string {
  const parts = value.split(lineBreak).map((part) => part.trim());
  return parts.filter((part) => part !== '').join(' ');
}

/** `line`: the physical line it begins on. `torn`: a quote that is never closed, or closed within a field. */
type TextRecord = Readonly<{ line: number; fields: readonly string[]; raw: string; torn: boolean }>;

/** A torn record would take the lines after it along, so only its first line is given up and reading goes on behind. */
function recordsOf(text: string): TextRecord[] {
  const records: TextRecord[] = [];
  let line = 1;
  for (let start = 0; start < text.length; ) {
    const whole = recordEnd(text, start);
    const feed = text.indexOf('\n', start);
    const end = whole ?? (feed < 0 ? text.length : feed);
    const raw = text.slice(start, end);
    const parsed = Papa.parse<string[]>(whole === undefined ? '' : raw.trimEnd(), format);
    records.push({ line, fields: parsed.data[0] ?? [''], raw, torn: whole === undefined || parsed.errors.length > 0 });
    line += raw.split('\n').length;
    start = end + 1;
  }
  return records;
}

/**
 * Where the record that begins at `start` ends: the first line end outside quotes; undefined where it is torn. Looked
 * for by hand, because papaparse reads on to the end of the text from each torn quote, minutes where all names are torn.
 */
function recordEnd(text: string, start: number): number | undefined {
  // papaparse passes over a byte-order mark, which files glued together have at a line's start.
  for (let at = text[start] === '\ufeff' ? start + 1 : start; ; at += 1) {
    if (text[at] === '"') {
      at = text.indexOf('"', at + 1);
      while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
      if (at < 0) return undefined;
      do at += 1;
      while (at < text.length && text[at] !== '\n' && text[at]?.trim() === '');
      if (at < text.length && text[at] !== ',' && text[at] !== '\n') return undefined;
    } else {
      while (at < text.length && text[at] !== ',' && text[at] !== '\n') at += 1;
    }
    if (at >= text.length || text[at] === '\n') return at;
  }
}
