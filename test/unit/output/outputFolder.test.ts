import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import {
  archivedFiles,
  archiveName,
  checkOutputOwner,
  checkSpace,
  claimOutput,
  dropLeftovers,
  readRunInfo,
} from '../../../lib/output/outputFolder.ts';

const root = await mkdtemp(join(tmpdir(), 'tillcast-output-'));
afterAll(() => rm(root, { recursive: true, force: true }));

let folders = 0;
async function folderOf(runInfo?: string, archived: readonly string[] = []): Promise<string> {
  folders += 1;
  const folder = join(root, String(folders));
  await mkdir(join(folder, 'archive'), { recursive: true });
  if (runInfo !== undefined) await writeFile(join(folder, 'run_info.csv'), runInfo);
  for (const name of archived) await writeFile(join(folder, 'archive', name), 'x');
  return folder;
}

const owned = (dataset: string) => `dataset,state\n${dataset},complete\n`;

describe('checkOutputOwner', () => {
  test('refuses another dataset’s folder, says whose it is else, and changes nothing', async () => {
    const foreign = await folderOf(owned('shop'));
    await expect(checkOutputOwner(foreign, 'main')).rejects.toMatchObject({ code: 'ETL_OUTPUT_OWNER' });
    const demo = await folderOf(owned('demo'), ['combined_2026-01.csv']);
    expect(await checkOutputOwner(demo, 'main')).toBe('demo');
    expect(await readdir(join(demo, 'archive'))).toEqual(['combined_2026-01.csv']);
    const absent = join(root, 'absent');
    expect(await checkOutputOwner(absent, 'main')).toBeUndefined();
    expect(await readdir(root)).not.toContain('absent');
  });
});

describe('claimOutput', () => {
  test('makes a folder that is not there, with its archive', async () => {
    const folder = join(root, 'deep', 'new');
    await claimOutput(folder, 'main');
    expect(await readdir(folder)).toEqual(['archive']);
  });

  test.each([
    ['nobody', undefined],
    ['nobody, with an empty run_info.csv', ''],
    ['nobody, with a header only', 'dataset,state\n'],
    ['the dataset itself', owned('main')],
  ])('takes a folder of %s and leaves all that is in it', async (_, runInfo) => {
    const folder = await folderOf(runInfo, ['combined_2026-01.csv']);
    await claimOutput(folder, 'main');
    expect(await readdir(join(folder, 'archive'))).toEqual(['combined_2026-01.csv']);
  });

  test.each([
    ['plain', owned('shop')],
    ['behind a byte-order mark', `\ufeff${owned('shop')}`],
    ['with Windows line ends', owned('shop').replaceAll('\n', '\r\n')],
    ['in quotes', 'state,"dataset"\ncomplete,"shop"\n'],
  ])('refuses the folder of another dataset, named %s, and touches nothing', async (_, runInfo) => {
    const folder = await folderOf(runInfo, ['combined_2026-01.csv']);
    const claim = claimOutput(folder, 'main');
    await expect(claim).rejects.toMatchObject({ code: 'ETL_OUTPUT_OWNER', retryable: false });
    await expect(claim).rejects.toThrow(`${folder} holds the files of dataset shop, not of main`);
    expect(await readFile(join(folder, 'run_info.csv'), 'utf8')).toBe(runInfo);
    expect(await readdir(join(folder, 'archive'))).toEqual(['combined_2026-01.csv']);
  });

  test('replaces the demo’s files: its archived months go, what a person put there stays', async () => {
    const folder = await folderOf(owned('demo'), ['combined_2026-01.csv', 'notes.txt', 'combined_old.csv']);
    await claimOutput(folder, 'main');
    expect((await readdir(join(folder, 'archive'))).sort()).toEqual(['combined_old.csv', 'notes.txt']);
  });

  test('never lets the demo replace another’s', async () => {
    await expect(claimOutput(await folderOf(owned('main')), 'demo')).rejects.toMatchObject({
      code: 'ETL_OUTPUT_OWNER',
    });
  });

  test('leaves the demo its own archive', async () => {
    const folder = await folderOf(owned('demo'), ['combined_2026-01.csv']);
    await claimOutput(folder, 'demo');
    expect(await archivedFiles(folder)).toEqual(new Set(['combined_2026-01.csv']));
  });
});

test('readRunInfo gives the row by column name, nothing where there is none', async () => {
  expect(await readRunInfo(await folderOf('\ufeffdataset,reason\nmain,"a, b"\n'))).toEqual({
    dataset: 'main',
    reason: 'a, b',
  });
  expect(await readRunInfo(await folderOf())).toBeUndefined();
});

test('there is room for the files of a small folder', async () => {
  await expect(checkSpace(await folderOf(owned('main')))).resolves.toBeUndefined();
});

test('an archived month has its file name, and a folder without archive has no files', async () => {
  expect(archiveName('2026-01-01')).toBe('combined_2026-01.csv');
  expect(await archivedFiles(join(root, 'nowhere'))).toEqual(new Set());
});

describe('dropLeftovers', () => {
  test('removes what dead processes left half-written, and nothing that stands or is a person’s', async () => {
    const folder = await folderOf(owned('main'), ['combined_2026-01.csv', 'combined_2026-01.csv.0a1b2c3d.next']);
    for (const name of ['combined.csv', 'combined.csv.next', 'x.csv.00ff00ff.next.bom', 'my.next', 'a.csv.next.txt']) {
      await writeFile(join(folder, name), 'x');
    }
    await dropLeftovers(folder);
    expect((await readdir(folder)).sort()).toEqual([
      'a.csv.next.txt',
      'archive',
      'combined.csv',
      'my.next',
      'run_info.csv',
    ]);
    expect(await readdir(join(folder, 'archive'))).toEqual(['combined_2026-01.csv']);
  });
});
