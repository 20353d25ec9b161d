import { mkdir, mkdtemp, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { listInput } from '../../../lib/source/inputFolder.ts';

const root = await mkdtemp(join(tmpdir(), 'tillcast-folder-'));
afterAll(() => rm(root, { recursive: true, force: true }));

async function folderOf(name: string, files: readonly string[]): Promise<string> {
  const folder = join(root, name);
  await mkdir(folder);
  for (const file of files) await writeFile(join(folder, file), 'x,y\n');
  return folder;
}

test('lists the exports by name with their kinds, and what is none as ignored', async () => {
  const folder = await folderOf('kinds', [
    'store.txt',
    'inventory_change_type.txt',
    'inventory_change_b.csv',
    'INVENTORY_CHANGE_A.CSV',
    'inventory_snapshot_b.csv.gz',
    'item.txt',
    'notes.pdf',
    '.DS_Store',
  ]);
  const { files, ignored, refused } = await listInput(folder);
  expect(files.map(({ name, kind }) => [name, kind])).toEqual([
    ['INVENTORY_CHANGE_A.CSV', 'change'],
    ['inventory_change_b.csv', 'change'],
    ['inventory_change_type.txt', 'changeType'],
    ['inventory_snapshot_b.csv.gz', 'count'],
    ['item.txt', 'item'],
    ['store.txt', 'store'],
  ]);
  expect([ignored, refused]).toEqual([['.DS_Store', 'notes.pdf'], []]);
});

test('gives size, time and inode, which tell whether a file changed', async () => {
  const folder = await folderOf('stat', ['item.csv']);
  const path = join(folder, 'item.csv');
  await utimes(path, 1_700_000_000, 1_700_000_000.25);
  const { dev, ino } = await stat(path);
  expect((await listInput(folder)).files).toEqual([
    { name: 'item.csv', path, kind: 'item', inode: `${dev}:${ino}`, sizeBytes: 4, modifiedMs: 1_700_000_000_250 },
  ]);
});

test('does not read sub-folders, and says so where one is named like an export', async () => {
  const folder = await folderOf('sub', []);
  await mkdir(join(folder, 'old'));
  await mkdir(join(folder, 'store_2025.csv'));
  await writeFile(join(folder, 'old', 'item.csv'), 'x');
  expect(await listInput(folder)).toEqual({
    files: [],
    ignored: ['old'],
    refused: [{ name: 'store_2025.csv', reason: 'a folder that is named like an export file' }],
  });
});

test('follows a link inside the folder and none that leads out of it or nowhere', async () => {
  const folder = await folderOf('links', ['item.csv']);
  await folderOf('links-beside', ['store.csv']);
  await symlink(join(folder, 'item.csv'), join(folder, 'item_again.csv'));
  await symlink(join(root, 'links-beside', 'store.csv'), join(folder, 'store.csv'));
  await symlink(join(folder, 'gone.csv'), join(folder, 'store_gone.csv'));
  const { files, refused } = await listInput(folder);
  expect(files.map(({ name, sizeBytes }) => [name, sizeBytes])).toEqual([
    ['item.csv', 4],
    ['item_again.csv', 4],
  ]);
  expect(refused).toEqual([
    { name: 'store.csv', reason: 'a link that leads out of the input folder is not followed' },
    { name: 'store_gone.csv', reason: expect.stringContaining('cannot be read: ENOENT') },
  ]);
});

test('a folder that is itself a link is read', async () => {
  const folder = await folderOf('real', ['item.csv']);
  await symlink(folder, join(root, 'linked'));
  expect((await listInput(join(root, 'linked'))).files.map(({ name }) => name)).toEqual(['item.csv']);
});

test('an empty folder is an empty input', async () => {
  expect(await listInput(await folderOf('empty', []))).toEqual({ files: [], ignored: [], refused: [] });
});

test('a folder that is missing, or is a file, is an error that says what to check', async () => {
  const missing = join(root, 'missing');
  await expect(listInput(missing)).rejects.toMatchObject({ code: 'ETL_INPUT', retryable: false });
  await expect(listInput(missing)).rejects.toThrow(`the input folder ${missing} cannot be read`);
  const folder = await folderOf('file', ['item.csv']);
  await expect(listInput(join(folder, 'item.csv'))).rejects.toMatchObject({ code: 'ETL_INPUT' });
});
