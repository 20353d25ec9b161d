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
const maxBytes = 512 * 1024 * 1024;

/** Reads a whole reference file (100,000 rows are usual); here line breaks inside quotes are allowed (product.md). */
export async function referenceRows(path: string, kind: FileKind): Promise<ReferenceFile> {
  const packed = await readFile(path);
  const bytes = withoutBom(isGzip(path) ? await unpack(packed, { maxOutputLength: maxBytes }) : packed);
  if (bytes[0] === 0xff || bytes[0] === 0xfe || bytes.includes(0)) {
    return { refusal: 'UTF-16 text or NUL characters: export it as UTF-8' };
  }
  const text = bytes.toString('utf8').replaceAll('\r\n', '\n');
  if (text.trim() === '') return { rows: [], broken: [] };
  const parsed = Papa.parse<string[]>(text, { delimiter: ',', newline: '\n', header: false, skipEmptyLines: false });
  const read = readHeader(parsed.data[0] ?? [], kind);
  if ('refusal' in read) return read;
  const { header } = read;
  const unbalanced = new Set(parsed.errors.filter((error) => error.type === 'Quotes').map((error) => error.row));
  const rows: ReferenceRow[] = [];
  const broken: { line: number; reason: string; raw: string }[] = [];
  let line = 1 + lineBreaks(parsed.data[0] ?? []);
  for (const [index, fields] of parsed.data.entries()) {
    if (index === 0) continue;
    line += 1;
    const raw = fields.join(',');
    const at = line;
    line += lineBreaks(fields);
    if (raw.trim() === '' && fields.length === 1) continue;
    if (isHeaderAgain(fields, header)) continue;
    if (unbalanced.has(index)) broken.push({ line: at, reason: 'an unbalanced quote', raw });
    else if (raw.includes('\ufffd')) broken.push({ line: at, reason: 'not UTF-8', raw });
    else if (fields.length !== header.width) {
      const word = fields.length < header.width ? 'few' : 'many';
      broken.push({ line: at, reason: `too ${word} fields: expected ${header.width}, got ${fields.length}`, raw });
    } else {
      const values = Object.fromEntries(
        Object.entries(header.position).map(([column, position]) => [
          column,
          (fields[position] ?? '').replace(/\s*\n\s*/g, ' ').trim(),
        ]),
      );
      rows.push({ line: at, values, raw });
    }
  }
  return { rows, broken };
}

function lineBreaks(fields: readonly string[]): number {
  return fields.reduce((sum, field) => sum + field.split('\n').length - 1, 0);
}
