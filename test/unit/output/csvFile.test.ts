import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { anyInPlace, dropPending, putInPlace, writePending } from '../../../lib/output/csvFile.ts';

const root = await mkdtemp(join(tmpdir(), 'tillcast-csv-'));
afterAll(() => rm(root, { recursive: true, force: true }));

let folders = 0;
async function newFolder(): Promise<string> {
  folders += 1;
  const folder = join(root, String(folders));
  await mkdir(folder);
  return folder;
}

async function* chunks(...texts: readonly (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text as string);
}

describe('the byte-order mark', () => {
  test.each([
    ['auto', ['a,b\n', '1,2\n'], 'a,b\n1,2\n'],
    ['auto', ['a,b\n', '1,é\n'], '\ufeffa,b\n1,é\n'],
    ['auto', [], ''],
    ['always', ['a,b\n'], '\ufeffa,b\n'],
    ['always', ['é\n'], '\ufeffé\n'],
    ['never', ['é\n'], 'é\n'],
  ] as const)('CSV_BOM=%s writes %j as %j', async (bom, texts, content) => {
    const path = join(await newFolder(), 'x.csv');
    const pending = await writePending(path, chunks(...texts), bom);
    expect(pending).toMatchObject({ path, bytes: Buffer.byteLength(content) });
    await putInPlace([pending]);
    expect((await readFile(path)).equals(Buffer.from(content))).toBe(true);
  });

  test('is found with a character that is cut between two chunks, in a file of megabytes', async () => {
    const path = join(await newFolder(), 'x.csv');
    const [first = 0, second = 0] = Buffer.from('é');
    const lines = 'some,line\n'.repeat(250_000);
    const pending = await writePending(path, chunks(lines, Buffer.from([first]), Buffer.from([second]), '\n'), 'auto');
    expect(pending.bytes).toBe(2_500_006);
    expect((await readFile(pending.pendingPath, 'utf8')) === `\ufeff${lines}é\n`).toBe(true);
    expect(await readdir(join(path, '..'))).toEqual([expect.stringMatching(/^x\.csv\.[0-9a-f]{8}\.next$/)]);
  });
});

describe('writing', () => {
  test('leaves the old file as it is until the new one is put in place', async () => {
    const folder = await newFolder();
    const path = join(folder, 'x.csv');
    await writeFile(path, 'old\n');
    const pending = await writePending(path, chunks('new\n'), 'auto');
    expect(await readFile(path, 'utf8')).toBe('old\n');
    await putInPlace([pending]);
    expect(await readFile(path, 'utf8')).toBe('new\n');
    expect(await readdir(folder)).toEqual(['x.csv']);
  });

  test('a source that fails half way leaves the old file and nothing else', async () => {
    const folder = await newFolder();
    const path = join(folder, 'x.csv');
    await writeFile(path, 'old\n');
    async function* failing(): AsyncGenerator<Buffer> {
      yield Buffer.from('new\n');
      throw new Error('connection lost');
    }
    const written = writePending(path, failing(), 'auto');
    await expect(written).rejects.toMatchObject({ code: 'ETL_OUTPUT_WRITE', retryable: true });
    await expect(written).rejects.toThrow(`${path} cannot be written (connection lost)`);
    expect(await readdir(folder)).toEqual(['x.csv']);
    expect(await readFile(path, 'utf8')).toBe('old\n');
  });

  test('of one process never touches what another is still writing beside the same file', async () => {
    const path = join(await newFolder(), 'x.csv');
    const sleeper = await writePending(path, chunks('a much longer text of before\n'), 'auto');
    const successor = await writePending(path, chunks('new\n'), 'auto');
    await appendFile(sleeper.pendingPath, 'and what it wrote when it woke\n');
    await putInPlace([successor]);
    expect(await readFile(path, 'utf8')).toBe('new\n');
    expect([await anyInPlace([sleeper]), await anyInPlace([successor])]).toEqual([false, true]);
  });

  test('asks before each rename, and leaves the files from the one that is forbidden', async () => {
    const folder = await newFolder();
    const pending = [];
    for (const name of ['a', 'b', 'c']) pending.push(await writePending(join(folder, name), chunks(name), 'auto'));
    const placed: string[] = [];
    const before = async () => {
      if (placed.length === 2) throw new Error('taken over');
    };
    const after = ({ path }: { path: string }) => void placed.push(path);
    await expect(putInPlace(pending, { before, after })).rejects.toThrow('taken over');
    expect(placed).toEqual([join(folder, 'a'), join(folder, 'b')]);
    expect((await readdir(folder)).filter((name) => !name.endsWith('.next'))).toEqual(['a', 'b']);
  });

  test('says which file cannot be written where its folder is missing', async () => {
    const path = join(root, 'missing', 'x.csv');
    await expect(writePending(path, chunks('a'), 'auto')).rejects.toMatchObject({ code: 'ETL_OUTPUT_WRITE' });
  });

  test('says which file cannot be put in place', async () => {
    const folder = await newFolder();
    const path = join(folder, 'x.csv');
    const pending = await writePending(path, chunks('a'), 'auto');
    await mkdir(path);
    await expect(putInPlace([pending])).rejects.toMatchObject({ code: 'ETL_OUTPUT_WRITE', retryable: true });
  });

  test('dropPending removes what waits and leaves the files, and does not mind what is gone', async () => {
    const folder = await newFolder();
    const path = join(folder, 'x.csv');
    await writeFile(path, 'old\n');
    const pending = await writePending(path, chunks('new\n'), 'auto');
    await dropPending([pending]);
    await dropPending([pending]);
    expect(await readdir(folder)).toEqual(['x.csv']);
  });
});
