import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import Papa from 'papaparse';
import { type FileKind, isGzip } from '../core/fileKind.ts';
import { isHeaderAgain, readHeader } from '../core/header.ts';
import { withoutBom } from './blockRows.ts';

/** One row of an item, store or change type file; values by column name, trimmed, line breaks become a space. */
export type ReferenceRow = Readonly<{ line: number; values: Readonly<Record<string, string>>; raw: string }>;
export type ReferenceFile =
  | {
      readonly rows: readonly ReferenceRow[];
      readonly broken: readonly { line: number; reason: string; raw: string }[];
    }
  | { readonly refusal: string };

const unpack = promisify(gunzip);
const maxBytes = 128 * 1024 * 1024;
const utf16 = 'UTF-16 text or NUL characters in the header: export it as UTF-8';

/** Reads a whole reference file (100,000 rows are usual); here line breaks inside quotes are allowed (product.md). */
export async function referenceRows(path: string, kind: FileKind): Promise<ReferenceFile> {
  const packed = await readFile(path);
  const bytes = withoutBom(isGzip(path) ? await unpack(packed, { maxOutputLength: maxBytes }) : packed);
  if (bytes[0] === 0xff || bytes[0] === 0xfe) return { refusal: utf16 };
  const text = bytes.toString('utf8').replaceAll('\r\n', '\n').trimEnd();
  if (text === '') return { rows: [], broken: [] };
  const [first, ...records] = recordsOf(text);
  if (first === undefined || first.raw.includes('\0')) return { refusal: utf16 };
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
        Object.entries(header.position).map(([column, position]) => [
          column,
          (fields[position] ?? '').replace(/\s*\n\s*/g, ' ').trim(),
        ]),
      );
      rows.push({ line, values, raw });
    }
  }
  return { rows, broken };
}

/** `line`: the physical line it begins on. `torn`: a quote that is never closed, or closed within a field. */
type TextRecord = Readonly<{ line: number; fields: readonly string[]; raw: string; torn: boolean }>;

/** A torn record would take the lines after it along, so only its first line is given up and reading goes on behind. */
function recordsOf(text: string): TextRecord[] {
  const records: TextRecord[] = [];
  let line = 1;
  let rest = text;
  while (rest !== '') {
    const part = rest;
    let start = 0;
    Papa.parse<string[]>(part, {
      delimiter: ',',
      newline: '\n',
      header: false,
      step({ data: fields, errors, meta }, parser) {
        const torn = errors.some((error) => error.type === 'Quotes');
        const feed = part.indexOf('\n', start);
        const end = torn ? (feed < 0 ? part.length : feed + 1) : meta.cursor;
        const raw = part.slice(start, end).replace(/\n$/, '');
        records.push({ line, fields, raw, torn });
        line += raw.split('\n').length;
        start = end;
        if (torn) parser.abort();
      },
    });
    if (start === 0) break;
    rest = part.slice(start).replace(/^\ufeff/, '');
  }
  return records;
}
