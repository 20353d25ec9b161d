import { isAscii } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, TillcastError } from '../core/errors.ts';

/** A byte-order mark where a file holds non-ASCII text (`auto`), always, or never. */
export type BomRule = 'auto' | 'always' | 'never';

/** A complete file that waits beside its final name; `inode` tells afterwards whether it is the one in place. */
export type PendingFile = Readonly<{ path: string; pendingPath: string; bytes: number; inode: number }>;

/** Chunks come by some kilobytes; each write of its own would cost more than its bytes. */
const bytesPerWrite = 1024 * 1024;

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** Reading tools hold files open for moments (Windows: EPERM), so a rename is tried again for about 30 s. */
const renameRetryMs = [50, 100, 200, 400, 800, 1_600, 3_200, 6_400, 8_000, 8_000];
const heldOpen = new Set(['EPERM', 'EBUSY', 'EACCES']);

/**
 * Streams CSV bytes into a file of its own beside `path` and syncs it; nothing of the old file is touched, nor of what
 * another process, taken for dead, may still be writing there.
 * @throws TillcastError ETL_OUTPUT_WRITE
 */
export async function writePending(path: string, csv: AsyncIterable<Buffer>, bom: BomRule): Promise<PendingFile> {
  const pendingPath = `${path}.${randomUUID().slice(0, 8)}.next`;
  let ascii = true;
  try {
    const file = await open(pendingPath, 'w');
    try {
      if (bom === 'always') await file.write(byteOrderMark);
      let waiting: Buffer[] = [];
      let waitingBytes = 0;
      for await (const chunk of csv) {
        ascii &&= isAscii(chunk);
        waiting.push(chunk);
        waitingBytes += chunk.length;
        if (waitingBytes < bytesPerWrite) continue;
        await writeAll(file, waiting);
        waiting = [];
        waitingBytes = 0;
      }
      await writeAll(file, waiting);
      await file.sync();
    } finally {
      await file.close();
    }
    if (bom === 'auto' && !ascii) await prependMark(pendingPath);
    const { size, ino } = await stat(pendingPath);
    return { path, pendingPath, bytes: size, inode: ino };
  } catch (error) {
    for (const left of [pendingPath, `${pendingPath}.bom`]) await rm(left, { force: true });
    throw writeError(path, error);
  }
}

/** Asked around each rename: `before` may forbid it by throwing. */
export type PlaceHooks = Readonly<{ before?: () => Promise<void>; after?: (file: PendingFile) => void }>;

/** Puts complete files in place, one rename each, and syncs their folders. @throws TillcastError ETL_OUTPUT_WRITE */
export async function putInPlace(files: readonly PendingFile[], { before, after }: PlaceHooks = {}): Promise<void> {
  for (const file of files) {
    await before?.();
    await renamePatiently(file);
    after?.(file);
  }
  for (const folder of new Set(files.map((file) => dirname(file.path)))) await syncFolder(folder);
}

/** Whether one of these files is what stands in its place now. */
export async function anyInPlace(files: readonly PendingFile[]): Promise<boolean> {
  for (const { path, inode } of files) {
    if ((await stat(path).catch(() => undefined))?.ino === inode) return true;
  }
  return false;
}

/** Removes what a publication that failed left behind. */
export async function dropPending(files: readonly PendingFile[]): Promise<void> {
  for (const file of files) await rm(file.pendingPath, { force: true });
}

async function renamePatiently({ path, pendingPath }: PendingFile): Promise<void> {
  for (const waitMs of [...renameRetryMs, undefined]) {
    try {
      await rename(pendingPath, path);
      return;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      if (!heldOpen.has(code) || waitMs === undefined) throw writeError(path, error);
      await sleep(waitMs);
    }
  }
}

/** All chunks in one call, joined by the system: a copy of each would wait for the collector. */
async function writeAll(file: Awaited<ReturnType<typeof open>>, chunks: readonly Buffer[]): Promise<void> {
  let left = chunks.filter((chunk) => chunk.length > 0);
  while (left.length > 0) {
    let { bytesWritten } = await file.writev(left);
    // A full disk or a signal may have cut it short.
    left = left.flatMap((chunk) => {
      const taken = Math.min(bytesWritten, chunk.length);
      bytesWritten -= taken;
      return taken === chunk.length ? [] : [chunk.subarray(taken)];
    });
  }
}

/** Only now is it known that the file holds non-ASCII text, so it is copied once with the mark before it. */
async function prependMark(pendingPath: string): Promise<void> {
  const marked = `${pendingPath}.bom`;
  const from = await open(pendingPath, 'r');
  const to = await open(marked, 'w');
  try {
    await to.write(byteOrderMark);
    for await (const chunk of from.createReadStream({ autoClose: false, highWaterMark: 1024 * 1024 })) {
      await writeAll(to, [chunk as Buffer]);
    }
    await to.sync();
  } finally {
    await from.close();
    await to.close();
  }
  await rename(marked, pendingPath);
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

function writeError(path: string, error: unknown): TillcastError {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (error instanceof TillcastError) return error;
  const next =
    code === 'ENOSPC' ? 'free some disk' : heldOpen.has(code) ? 'close the program that holds it' : 'see why';
  return new TillcastError(
    'ETL_OUTPUT_WRITE',
    `${path} cannot be written (${messageOf(error)}): ${next}; the last good files stand, a retry finishes the run`,
    { retryable: true, cause: error },
  );
}
