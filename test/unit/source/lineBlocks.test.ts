import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from '@jest/globals';
import { byteRange, endsOpen, lineBlocks } from '../../../lib/source/lineBlocks.ts';

const folder = await mkdtemp(join(tmpdir(), 'tillcast-blocks-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

let files = 0;
async function fileOf(content: string | Buffer, ending = '.csv'): Promise<string> {
  files += 1;
  const path = join(folder, `${files}${ending}`);
  await writeFile(path, content);
  return path;
}

async function blocksOf(path: string, from: number, to: number) {
  const blocks = [];
  for await (const { bytes, ...rest } of lineBlocks(path, from, to)) blocks.push({ text: bytes.toString(), ...rest });
  return blocks;
}

describe('lineBlocks', () => {
  test('gives whole lines, and a last line without its end as an open block of its own', async () => {
    expect(await blocksOf(await fileOf('ab\ncd\nef'), 0, 8)).toEqual([
      { text: 'ab\ncd\n', startAt: 0, endAt: 6, open: false },
      { text: 'ef', startAt: 6, endAt: 8, open: true },
    ]);
  });

  test('gives nothing of a file without bytes or of an empty range', async () => {
    expect(await blocksOf(await fileOf(''), 0, 0)).toEqual([]);
    expect(await blocksOf(await fileOf('ab\n'), 3, 3)).toEqual([]);
  });

  test('reads from and to where it is told', async () => {
    const path = await fileOf('ab\ncd\nef\n');
    expect(await blocksOf(path, 3, 9)).toEqual([{ text: 'cd\nef\n', startAt: 3, endAt: 9, open: false }]);
    expect(await blocksOf(path, 3, 7)).toEqual([
      { text: 'cd\n', startAt: 3, endAt: 6, open: false },
      { text: 'e', startAt: 6, endAt: 7, open: true },
    ]);
  });

  test('blocks of a large file end at line ends and put together give the file', async () => {
    const lines = Array.from({ length: 90_000 }, (_, at) => `line ${at},é`);
    const text = `${lines.join('\n')}\n`;
    const size = Buffer.byteLength(text);
    const blocks = await blocksOf(await fileOf(text), 0, size);
    expect(blocks.length).toBeGreaterThan(2);
    expect(blocks.every((block) => block.text.endsWith('\n') && !block.open)).toBe(true);
    expect(blocks.map((block) => block.startAt)).toEqual([0, ...blocks.slice(0, -1).map((block) => block.endAt)]);
    expect(blocks.at(-1)?.endAt).toBe(size);
    expect(blocks.map((block) => block.text).join('') === text).toBe(true);
  });

  test('a line longer than a block comes whole', async () => {
    const long = 'x'.repeat(1_300_000);
    const blocks = await blocksOf(await fileOf(`a\n${long}\nb\n`), 0, long.length + 5);
    expect(blocks.map(({ text, startAt, endAt }) => [text.length, startAt, endAt])).toEqual([
      [2, 0, 2],
      [long.length + 3, 2, long.length + 5],
    ]);
  });

  test('counts unpacked bytes of a gzip file, past its head too', async () => {
    const path = await fileOf(gzipSync('ab\ncd\nef'), '.csv.gz');
    expect(await blocksOf(path, 3, Number.MAX_SAFE_INTEGER)).toEqual([
      { text: 'cd\n', startAt: 3, endAt: 6, open: false },
      { text: 'ef', startAt: 6, endAt: 8, open: true },
    ]);
    expect(await blocksOf(path, 3, 6)).toEqual([{ text: 'cd\n', startAt: 3, endAt: 6, open: false }]);
  });

  test('reads gzip files that were put one behind the other as one', async () => {
    const path = await fileOf(Buffer.concat([gzipSync('ab\n'), gzipSync('cd\n')]), '.csv.gz');
    expect((await blocksOf(path, 0, Number.MAX_SAFE_INTEGER)).map(({ text }) => text).join('')).toBe('ab\ncd\n');
  });
});

test.each([
  ['a gzip file whose tail is missing', gzipSync('ab\ncd\n'.repeat(500)).subarray(0, -12)],
  ['a file that is only called .gz', Buffer.from('trans_id,item_id\n')],
])('%s ends in an error with a code of zlib, not in fewer rows', async (_, content) => {
  const path = await fileOf(content, '.csv.gz');
  await expect(blocksOf(path, 0, Number.MAX_SAFE_INTEGER)).rejects.toMatchObject({
    code: expect.stringMatching(/^Z_[A-Z]+_ERROR$/),
  });
});

test('a missing file ends in ENOENT, packed or not', async () => {
  await expect(blocksOf(join(folder, 'none.csv'), 0, 10)).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(blocksOf(join(folder, 'none.csv.gz'), 0, 10)).rejects.toMatchObject({ code: 'ENOENT' });
});

test.each(['.csv', '.csv.gz'])('a reader of %s that stops early leaves no file open', async (ending) => {
  // Not to be squeezed: the packed file must be longer than what is read ahead.
  const noise = Buffer.alloc(3_000_000);
  for (let at = 0, seed = 7; at < noise.length; at += 1) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    noise[at] = at % 100 === 99 ? 10 : 97 + ((seed >> 8) % 26);
  }
  const path = await fileOf(ending === '.csv' ? noise : gzipSync(noise), ending);
  const openFiles = () => readdir('/proc/self/fd').catch(() => []);
  const before = (await openFiles()).length;
  for (let times = 0; times < 20; times += 1) {
    for await (const chunk of byteRange(path, 0, Number.MAX_SAFE_INTEGER - 1)) if (chunk.length > 0) break;
  }
  for (let waited = 0; waited < 50 && (await openFiles()).length > before + 5; waited += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect((await openFiles()).length).toBeLessThanOrEqual(before + 5);
});

test.each([
  ['ab\ncd', true],
  ['ab\ncd\n', false],
  ['ab\r', true],
  ['\n', false],
  ['', false],
])('endsOpen of %j is %s', async (text, open) => {
  expect(await endsOpen(await fileOf(text), Buffer.byteLength(text))).toBe(open);
});

test('endsOpen says nothing of a gzip file', async () => {
  expect(await endsOpen(await fileOf(gzipSync('ab'), '.csv.gz'), 22)).toBe(false);
});
