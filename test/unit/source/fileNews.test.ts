import { appendFile, mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { FileProgress } from '../../../lib/core/fileProgress.ts';
import { fileNews, progressHashes } from '../../../lib/source/fileNews.ts';
import type { ExportFile } from '../../../lib/source/inputFolder.ts';

const folder = await mkdtemp(join(tmpdir(), 'tillcast-news-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

let files = 0;
async function pathOf(content: string | Buffer, ending = '.csv'): Promise<string> {
  files += 1;
  const path = join(folder, `inventory_change_${files}${ending}`);
  await writeFile(path, content);
  return path;
}

async function seen(path: string): Promise<ExportFile> {
  const { dev, ino, size, mtimeMs } = await stat(path);
  const name = path.slice(folder.length + 1);
  return { name, path, kind: 'change', inode: `${dev}:${ino}`, sizeBytes: size, modifiedMs: mtimeMs };
}

/** What is remembered of a file that was read as it now stands, up to `appliedTo`. */
async function applied(path: string, lines: number, other: Partial<FileProgress> = {}): Promise<FileProgress> {
  const file = await seen(path);
  const appliedTo = other.appliedTo ?? file.sizeBytes;
  const hashes = await progressHashes(path, appliedTo, true);
  return {
    name: file.name,
    kind: file.kind,
    inode: file.inode,
    sizeBytes: file.sizeBytes,
    modifiedMs: file.modifiedMs,
    reading: 1,
    appliedTo,
    appliedLines: lines,
    validRows: lines - 1,
    openLineAt: null,
    ...hashes,
    wholeTo: appliedTo,
    checkedOn: '2026-01-05',
    ...other,
  };
}

const head = 'header\n';
const again = { what: 'rewritten', from: 0, linesBefore: 0, reading: 2, afterOpenLine: false };

describe('fileNews', () => {
  test('a file never seen is read from its start', async () => {
    expect(await fileNews(await seen(await pathOf(head)), undefined, null)).toEqual({
      what: 'new',
      from: 0,
      linesBefore: 0,
      reading: 1,
      afterOpenLine: false,
    });
  });

  test('a file with the same size, time and inode is not opened again on the day it was checked', async () => {
    const path = await pathOf(head);
    const known = { ...(await applied(path, 1)), headHash: 'not compared' };
    expect(await fileNews(await seen(path), known, '2026-01-05')).toEqual({ what: 'unchanged' });
    expect(await fileNews(await seen(path), known, null)).toEqual({ what: 'unchanged' });
  });

  test('a file that was appended to is read from where it ended', async () => {
    const path = await pathOf(`${head}a\n`);
    const known = await applied(path, 2);
    await appendFile(path, 'b\n');
    expect(await fileNews(await seen(path), known, '2026-01-05')).toEqual({
      what: 'grown',
      from: 9,
      linesBefore: 2,
      reading: 1,
      afterOpenLine: false,
    });
  });

  test('a last line that waited is read when the file is looked at next', async () => {
    const path = await pathOf(`${head}a\nb`);
    const known = await applied(path, 2, { appliedTo: 9, modifiedMs: -1 });
    expect(await fileNews(await seen(path), known, '2026-01-05')).toMatchObject({
      what: 'grown',
      from: 9,
      linesBefore: 2,
    });
  });

  test('a file that became shorter, or begins otherwise, is read anew as its next reading', async () => {
    const path = await pathOf(`${head}a\nb\n`);
    const known = await applied(path, 3);
    await writeFile(path, `${head}a\n`);
    expect(await fileNews(await seen(path), known, '2026-01-05')).toEqual(again);
    await writeFile(path, `Header\na\nb\nc\n`);
    expect(await fileNews(await seen(path), known, '2026-01-05')).toEqual(again);
  });

  test('a file of the same size whose content changed is read anew', async () => {
    const path = await pathOf(`${head}a\n`);
    const known = await applied(path, 2);
    await writeFile(path, `${head}x\n`);
    await utimes(path, 1, 1);
    expect(await fileNews(await seen(path), known, '2026-01-05')).toEqual(again);
  });

  test('the same content under another time is remembered, not read', async () => {
    const path = await pathOf(`${head}a\n`);
    const known = await applied(path, 2);
    await utimes(path, 1, 1);
    expect(await fileNews(await seen(path), known, '2026-01-05')).toEqual({
      what: 'same',
      wholeHash: known.wholeHash,
      wholeTo: 9,
    });
  });

  test('on the next closed day the whole applied part is compared, which finds a change in its middle', async () => {
    const filler = 'filler line\n'.repeat(200_000);
    const path = await pathOf(`${head}${filler}`);
    const known = await applied(path, 200_001);
    const { mtimeMs } = await stat(path);
    const middle = 1_000_000;
    await writeFile(path, `${head}${filler.slice(0, middle)}X${filler.slice(middle + 1)}`);
    await utimes(path, mtimeMs / 1000, mtimeMs / 1000);
    const touched = { ...(await seen(path)), modifiedMs: known.modifiedMs };
    expect(await fileNews(touched, known, '2026-01-05')).toEqual({ what: 'unchanged' });
    expect(await fileNews(touched, known, '2026-01-06')).toEqual(again);
    await writeFile(path, `${head}${filler}`);
    const whole = { ...(await seen(path)), modifiedMs: known.modifiedMs };
    expect(await fileNews(whole, known, '2026-01-06')).toMatchObject({ what: 'same', wholeHash: known.wholeHash });
  });

  test('the hash of the whole goes on from where it was taken to what was applied since', async () => {
    const path = await pathOf(`${head}a\n`);
    const first = await applied(path, 2);
    await appendFile(path, 'b\n');
    const later = await applied(path, 3, { wholeHash: first.wholeHash, wholeTo: 9 });
    expect(await fileNews(await seen(path), later, '2026-01-06')).toEqual({
      what: 'same',
      wholeHash: (await progressHashes(path, 11, true)).wholeHash,
      wholeTo: 11,
    });
  });

  test('a gzip file that changed is read anew, one that did not is left alone', async () => {
    const path = await pathOf(gzipSync(`${head}a\n`), '.csv.gz');
    const known = await applied(path, 2);
    expect(await fileNews(await seen(path), known, '2026-01-06')).toEqual({ what: 'unchanged' });
    await writeFile(path, gzipSync(`${head}a\nb\n`));
    expect(await fileNews(await seen(path), known, '2026-01-06')).toEqual(again);
  });
});

describe('a last line that was taken without its line end', () => {
  async function openFile() {
    const path = await pathOf(`${head}a\nbb`);
    return { path, known: await applied(path, 3, { openLineAt: 9 }) };
  }

  test.each([
    ['\nc\n', 12],
    ['\r\nc\n', 13],
  ])('is done where the file goes on with %j', async (more, from) => {
    const { path, known } = await openFile();
    await appendFile(path, more);
    expect(await fileNews(await seen(path), known, '2026-01-05')).toEqual({
      what: 'grown',
      from,
      linesBefore: 3,
      reading: 1,
      afterOpenLine: false,
    });
  });

  test('is read again as a whole, and told, where the file goes on in it', async () => {
    const { path, known } = await openFile();
    await appendFile(path, 'b,5\n');
    expect(await fileNews(await seen(path), known, '2026-01-05')).toEqual({
      what: 'grown',
      from: 9,
      linesBefore: 2,
      reading: 1,
      afterOpenLine: true,
    });
  });
});

test('progressHashes gives the whole only where it was read from the start', async () => {
  const path = await pathOf('abc');
  const sha256OfAb = 'fb8e20fc2e4c3f248c60c39bd652f3c1347298bb977b8b4d5903b85055620603';
  expect(await progressHashes(path, 2, true)).toEqual({
    headHash: sha256OfAb,
    tailHash: sha256OfAb,
    wholeHash: sha256OfAb,
  });
  expect((await progressHashes(path, 2, false)).wholeHash).toBeNull();
});

test('a gz file is not hashed, for its hashes would never be read', async () => {
  const path = await pathOf('no gzip at all', '.csv.gz');
  expect(await progressHashes(path, 5, true)).toEqual({ headHash: '', tailHash: '', wholeHash: null });
});
