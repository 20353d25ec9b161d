import type { FileKind } from '../core/fileKind.ts';
import { type Header, isHeaderAgain, readHeader } from '../core/header.ts';
import type { RowParser } from '../core/parseRow.ts';
import type { EventRow, Rejection } from '../core/types.ts';
import { blockRows, eachLine, linesOf, plainFields, plainText, rawLine, withoutBom } from './blockRows.ts';
import { lineBlocks } from './lineBlocks.ts';

/** A stretch `[from, to)` of a file; `linesBefore` physical lines precede it. */
export type FilePart = Readonly<{ path: string; from: number; to: number; linesBefore: number }>;

export type PartRow = Readonly<{ row: EventRow; line: number }>;
export type PartReject = Rejection & Readonly<{ line: number; raw: string }>;

/** What one block of a part held. `endAt`, `lines`: how far the part is read after it. */
export type PartBlock = Readonly<{
  rows: readonly PartRow[];
  rejects: readonly PartReject[];
  repeatedHeaders: number;
  endAt: number;
  lines: number;
  /** The block is a last line without its line end, which began at `startAt`. */
  open: boolean;
  startAt: number;
  /** As they stand in the (unpacked) file. */
  bytes: Buffer;
}>;

const headerMaxBytes = 1024 * 1024;

export type HeaderOfFile =
  | { readonly header: Header }
  /** `open`: the header line has no line end yet and may still be written. */
  | { readonly refusal: string; readonly open?: boolean }
  | { readonly empty: true };

/** The header of a file, or why the whole file is refused. A file without bytes, or of blank lines, is an empty export. */
export async function fileHeader(path: string, kind: FileKind, sizeBytes: number): Promise<HeaderOfFile> {
  let blank = false;
  for await (const block of lineBlocks(path, 0, Math.min(sizeBytes, headerMaxBytes))) {
    const [first = 0, second = 0] = block.bytes;
    if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
      return { refusal: 'UTF-16 text: export it as UTF-8' };
    }
    const bytes = withoutBom(block.bytes);
    const line = linesOf(bytes)(0);
    if (line.includes(0))
      return { refusal: 'NUL characters in the header: UTF-16 or no text at all; export it as UTF-8' };
    const parsed = blockRows(Buffer.concat([line, Buffer.from('\n')])).rows[0];
    if (parsed === undefined && rawLine(bytes).trim() === '') {
      blank = true;
      continue;
    }
    if (blank || parsed === undefined) return { refusal: 'the first line, the header, is blank' };
    if ('broken' in parsed) return { refusal: `the header cannot be read: ${parsed.broken}` };
    const read = readHeader(parsed.fields, kind);
    return 'refusal' in read && block.open ? { ...read, open: true } : read;
  }
  return { empty: true };
}

/** Rows and rejects of a part, block by block. Nothing of a row's rules is known here: `parse` has them. */
export async function* partRows(part: FilePart, header: Header, parse: RowParser): AsyncGenerator<PartBlock> {
  let lines = part.linesBefore;
  for await (const block of lineBlocks(part.path, part.from, part.to)) {
    const atStart = block.startAt === 0;
    const bytes = atStart ? withoutBom(block.bytes) : block.bytes;
    const lineAt = linesOf(bytes);
    const rows: PartRow[] = [];
    const rejects: PartReject[] = [];
    let repeatedHeaders = 0;
    const reject = (lineOffset: number, rejection: Rejection) =>
      rejects.push({ ...rejection, line: lines + lineOffset + 1, raw: rawLine(lineAt(lineOffset)) });
    const judge = (lineOffset: number, fields: readonly string[]) => {
      const parsed = parse(fields);
      if ('row' in parsed) rows.push({ row: parsed.row, line: lines + lineOffset + 1 });
      else if (isHeaderAgain(fields, header)) repeatedHeaders += 1;
      else reject(lineOffset, parsed.rejection);
    };
    const isHeader = (lineOffset: number) => lines + lineOffset === 0;
    const text = plainText(bytes);
    let count: number;
    if (text === undefined) {
      const split = blockRows(bytes);
      count = split.lines;
      for (const found of split.rows) {
        if (isHeader(found.lineOffset)) continue;
        if ('fields' in found) judge(found.lineOffset, found.fields);
        else reject(found.lineOffset, { column: '', value: '', reason: found.broken });
      }
    } else {
      count = eachLine(text, (lineOffset, start, end) => {
        if (isHeader(lineOffset)) return;
        const row = parse.plain(text, start, end);
        const fields = row === undefined ? plainFields(text.slice(start, end)) : undefined;
        if (row !== undefined) rows.push({ row, line: lines + lineOffset + 1 });
        else if (fields !== undefined) judge(lineOffset, fields);
      });
    }
    lines += count;
    yield {
      rows,
      rejects,
      repeatedHeaders,
      endAt: block.endAt,
      lines,
      open: block.open,
      startAt: block.startAt,
      bytes: block.bytes,
    };
  }
}
