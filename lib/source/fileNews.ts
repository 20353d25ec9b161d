import { open } from 'node:fs/promises';
import { isGzip } from '../core/fileKind.ts';
import type { FileProgress } from '../core/fileProgress.ts';
import { edgeHashes, hashRange, prefixHashes } from './fileHash.ts';
import type { ExportFile } from './inputFolder.ts';

/** Where reading begins. `afterOpenLine`: the file went on in a last line that was taken without its line end. */
export type FileNews =
  | { readonly what: 'unchanged' }
  /** Same content under new times, or checked whole today: only what is remembered of the file is renewed. */
  | { readonly what: 'same'; readonly wholeHash: string | null; readonly wholeTo: number | null }
  | {
      readonly what: 'new' | 'grown' | 'rewritten';
      readonly from: number;
      readonly linesBefore: number;
      readonly reading: number;
      readonly afterOpenLine: boolean;
    };

/**
 * What a file holds that was not applied yet (architecture.md, produce). `closedDay` is the newest closed business
 * date: once for each, the whole applied part is compared by hash, which finds a change in its middle.
 */
export async function fileNews(
  file: ExportFile,
  known: FileProgress | undefined,
  closedDay: string | null,
): Promise<FileNews> {
  if (known === undefined) return { what: 'new', from: 0, linesBefore: 0, reading: 1, afterOpenLine: false };
  const again: FileNews = {
    what: 'rewritten',
    from: 0,
    linesBefore: 0,
    reading: known.reading + 1,
    afterOpenLine: false,
  };
  const untouched =
    file.inode === known.inode && file.sizeBytes === known.sizeBytes && file.modifiedMs === known.modifiedMs;
  const dayToCheck = closedDay !== null && known.checkedOn !== closedDay;
  if (untouched && !dayToCheck) return { what: 'unchanged' };
  if (isGzip(file.name)) return untouched ? { what: 'unchanged' } : again;
  if (file.sizeBytes < known.appliedTo) return again;

  const edges = await edgeHashes(file.path, known.appliedTo);
  if (edges.headHash !== known.headHash || edges.tailHash !== known.tailHash) return again;
  let whole = { wholeHash: known.wholeHash, wholeTo: known.wholeTo };
  const sameSizeOtherTimes = !untouched && file.sizeBytes === known.appliedTo;
  if ((dayToCheck || sameSizeOtherTimes) && known.wholeHash !== null && known.wholeTo !== null) {
    const [before, now] = await prefixHashes(file.path, known.wholeTo, known.appliedTo);
    if (before !== known.wholeHash) return again;
    whole = { wholeHash: now, wholeTo: known.appliedTo };
  }
  if (file.sizeBytes === known.appliedTo) return { what: 'same', ...whole };
  return { what: 'grown', reading: known.reading, ...(await resumeAt(file, known)) };
}

async function resumeAt(file: ExportFile, known: FileProgress) {
  const after = { from: known.appliedTo, linesBefore: known.appliedLines, afterOpenLine: false };
  if (known.openLineAt === null) return after;
  const handle = await open(file.path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, known.appliedTo);
    const next = buffer.subarray(0, bytesRead).toString('latin1');
    if (next.startsWith('\n')) return { ...after, from: known.appliedTo + 1 };
    if (next === '\r\n') return { ...after, from: known.appliedTo + 2 };
    return { from: known.openLineAt, linesBefore: known.appliedLines - 1, afterOpenLine: true };
  } finally {
    await handle.close();
  }
}

/**
 * What to remember of a file that was read to `appliedTo`, so that the next run can tell what is new. Nothing of a gz
 * file, which is read whole when its size or time changed: hashing it would unpack it once more.
 */
export async function progressHashes(
  path: string,
  appliedTo: number,
  fromStart: boolean,
): Promise<{ headHash: string; tailHash: string; wholeHash: string | null }> {
  if (isGzip(path)) return { headHash: '', tailHash: '', wholeHash: null };
  const edges = await edgeHashes(path, appliedTo);
  return { ...edges, wholeHash: fromStart ? await hashRange(path, 0, appliedTo) : null };
}
