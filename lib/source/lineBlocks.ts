import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { TillcastError } from '../core/errors.ts';
import { isGzip } from '../core/fileKind.ts';

/**
 * Whole lines of a file, as bytes. `startAt` and `endAt` count (unpacked) bytes of the file; `bytes` ends with a line
 * end, but for the last block of a file that has none (`open`).
 */
export type LineBlock = Readonly<{ bytes: Buffer; startAt: number; endAt: number; open: boolean }>;

/** Small, so that what is made of a block is gone before the garbage collector moves it. */
export const blockBytes = 64 * 1024;
/** A longer line is no line of an export: the file is refused before it fills the memory. */
const maxLineBytes = 64 * 1024 * 1024;
const lineFeed = 10;

/**
 * Reads `[from, to)` of a file in blocks of whole lines; a gzip file is unpacked first and its head skipped. Memory
 * stays at one block plus the longest line.
 * @throws TillcastError ETL_CSV_FILE for a line of more than 64 MiB
 */
export async function* lineBlocks(path: string, from: number, to: number): AsyncGenerator<LineBlock> {
  let carry: Buffer[] = [];
  let carried = 0;
  let startAt = from;
  for await (const chunk of byteRange(path, from, to)) {
    const cut = chunk.lastIndexOf(lineFeed);
    if (cut < 0) {
      carry.push(chunk);
      carried += chunk.length;
      if (carried > maxLineBytes) {
        throw new TillcastError(
          'ETL_CSV_FILE',
          `a line of more than ${maxLineBytes / 1024 / 1024} MiB: is it a text file?`,
        );
      }
      continue;
    }
    carry.push(chunk.subarray(0, cut + 1));
    const bytes = carry.length === 1 ? (carry[0] as Buffer) : Buffer.concat(carry);
    yield { bytes, startAt, endAt: startAt + bytes.length, open: false };
    startAt += bytes.length;
    carry = cut + 1 < chunk.length ? [chunk.subarray(cut + 1)] : [];
    carried = chunk.length - cut - 1;
  }
  if (carried > 0) {
    const bytes = Buffer.concat(carry);
    yield { bytes, startAt, endAt: startAt + bytes.length, open: true };
  }
}

/** The bytes `[from, to)` of a file in chunks; of a gzip file, of what it unpacks to. */
export async function* byteRange(path: string, from: number, to: number): AsyncGenerator<Buffer> {
  if (from >= to) return;
  if (!isGzip(path)) {
    // A buffer of a whole block for each of ten thousand small files would be felt.
    yield* createReadStream(path, { start: from, end: to - 1, highWaterMark: Math.min(blockBytes, to - from) });
    return;
  }
  const packed = createReadStream(path, { highWaterMark: blockBytes });
  const unpacked = createGunzip({ chunkSize: blockBytes });
  packed.on('error', (error) => unpacked.destroy(error));
  let at = 0;
  try {
    for await (const chunk of packed.pipe(unpacked) as Readable) {
      const bytes = chunk as Buffer;
      const start = Math.max(0, from - at);
      const end = Math.min(bytes.length, to - at);
      if (start < end) yield bytes.subarray(start, end);
      at += bytes.length;
      if (at >= to) break;
    }
  } finally {
    // A reader that stops early ends only the unpacking; the file itself would stay open.
    packed.destroy();
  }
}

/** Whether a (plain) file ends in a line without its line end. */
export async function endsOpen(path: string, sizeBytes: number): Promise<boolean> {
  if (sizeBytes === 0 || isGzip(path)) return false;
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(1), 0, 1, sizeBytes - 1);
    return bytesRead === 1 && buffer[0] !== lineFeed;
  } finally {
    await file.close();
  }
}
