import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from '@jest/globals';
import { referenceRows } from '../../../lib/source/referenceRows.ts';

const folder = await mkdtemp(join(tmpdir(), 'tillcast-reference-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

const columns = 'item_id,name,supplier_id,safety_stock_quantity';

let files = 0;
async function read(content: string | Buffer, kind: 'item' | 'store' | 'changeType' = 'item', ending = '.txt') {
  files += 1;
  const path = join(folder, `${files}${ending}`);
  await writeFile(path, content);
  return referenceRows(path, kind);
}

/** `[line, name]` of the rows, `[line, reason, raw]` of the broken ones. */
async function items(content: string | Buffer) {
  const result = await read(content);
  if ('refusal' in result) throw new Error(result.refusal);
  return {
    rows: result.rows.map(({ line, values }) => [line, values.name]),
    broken: result.broken.map(({ line, reason, raw }) => [line, reason, raw]),
  };
}

describe('referenceRows', () => {
  test('gives values by column name, trimmed, with their line and raw text', async () => {
    const text = '\ufeffName,ITEM_ID,note,safety_stock_quantity,supplier_id\r\n"Mug, red " , 5 ,x,3,S1\r\n';
    expect(await read(text)).toEqual({
      rows: [
        {
          line: 2,
          values: { item_id: '5', name: 'Mug, red', supplier_id: 'S1', safety_stock_quantity: '3' },
          raw: '"Mug, red " , 5 ,x,3,S1',
        },
      ],
      broken: [],
    });
  });

  test('a time zone is empty where the column is missing', async () => {
    expect(await read('store_id,name\n0,online\n', 'store')).toMatchObject({
      rows: [{ values: { store_id: '0', name: 'online', timezone: '' } }],
    });
    expect(await read('store_id,name,timezone\n3,Berlin,Europe/Berlin\n', 'store')).toMatchObject({
      rows: [{ values: { timezone: 'Europe/Berlin' } }],
    });
  });

  test('a line break inside quotes becomes a space, and the lines after it keep their physical number', async () => {
    expect(await items(`${columns}\n1,"red\nmug",S,1\n2,"a \r\n  b\n\nc",S,1\r\n3,plain,S,1\n`)).toEqual({
      rows: [
        [2, 'red mug'],
        [4, 'a b c'],
        [8, 'plain'],
      ],
      broken: [],
    });
  });

  test('a header of two physical lines counts as two', async () => {
    expect(await items(`item_id,name,"supplier_id\n",safety_stock_quantity\n1,a,S,1\n`)).toEqual({
      rows: [[3, 'a']],
      broken: [],
    });
  });

  test('blank lines are nothing but count, a header that comes again is passed over', async () => {
    expect(await items(`${columns}\n\n1,a,S,1\n  \n${columns.toUpperCase()}\n2,b,S,1\n\n`)).toEqual({
      rows: [
        [3, 'a'],
        [6, 'b'],
      ],
      broken: [],
    });
  });

  test.each([[''], ['\n'], ['\r\n \n'], ['\ufeff'], [columns], [`${columns}\r\n`], [`\ufeff${columns}\n\n`]])(
    '%j is an empty export',
    async (content) => {
      expect(await items(content)).toEqual({ rows: [], broken: [] });
    },
  );

  test('an unbalanced quote rejects its line alone, wherever it stands', async () => {
    expect(
      await items(`${columns}\n1,"Widget,S,1\n2,Gadget,S,1\n3,"Mug, red",S,1\n4,"x"y,S,1\n5,b,S,1\n6,"end`),
    ).toEqual({
      rows: [
        [3, 'Gadget'],
        [4, 'Mug, red'],
        [6, 'b'],
      ],
      broken: [
        [2, 'an unbalanced quote', '1,"Widget,S,1'],
        [5, 'an unbalanced quote', '4,"x"y,S,1'],
        [7, 'an unbalanced quote', '6,"end'],
      ],
    });
  });

  test('an inch sign inside an unquoted name is text', async () => {
    expect(await items(`${columns}\n1,5" pipe,S,1\n2,"6"" pipe",S,1\n`)).toEqual({
      rows: [
        [2, '5" pipe'],
        [3, '6" pipe'],
      ],
      broken: [],
    });
  });

  test('a NUL or a byte that is no UTF-8 rejects its line alone', async () => {
    const bytes = Buffer.concat([
      Buffer.from(`${columns}\n1,caf`),
      Buffer.from([0xe9]),
      Buffer.from(`,S,1\n2,a\0,S,1\n3,é,S,1\n`),
    ]);
    expect(await items(bytes)).toEqual({
      rows: [[4, 'é']],
      broken: [
        [2, 'not UTF-8', '1,caf\ufffd,S,1'],
        [3, 'a NUL character', '2,a\0,S,1'],
      ],
    });
  });

  test('a replacement character that was delivered as such is text', async () => {
    expect(await items(`${columns}\n1,caf\ufffd,S,1\n`)).toEqual({ rows: [[2, 'caf\ufffd']], broken: [] });
  });

  test('too few and too many fields reject their line alone', async () => {
    expect(await items(`${columns}\n1,a,S\n2,b,S,1,\n3,c,,\n`)).toEqual({
      rows: [[4, 'c']],
      broken: [
        [2, 'too few fields: expected 4, got 3', '1,a,S'],
        [3, 'too many fields: expected 4, got 5', '2,b,S,1,'],
      ],
    });
  });

  test.each([
    ['little endian with a mark', Buffer.from(`\ufeff${columns}\n1,a,S,1\n`, 'utf16le')],
    ['big endian with a mark', Buffer.from(`\ufeff${columns}\n1,a,S,1\n`, 'utf16le').swap16()],
    ['without a mark', Buffer.from(`${columns}\n1,a,S,1\n`, 'utf16le')],
  ])('UTF-16 %s refuses the file', async (_, content) => {
    expect(await read(content)).toEqual({ refusal: expect.stringContaining('export it as UTF-8') });
  });

  test('a missing or doubled column refuses the file', async () => {
    expect(await read('item_id,name\n1,a\n')).toEqual({
      refusal: expect.stringContaining('the header lacks supplier_id, safety_stock_quantity'),
    });
    expect(await read(`${columns},name\n1,a,S,1,b\n`)).toEqual({ refusal: expect.stringContaining('name twice') });
    expect(await read(`\n${columns}\n1,a,S,1\n`)).toHaveProperty('refusal');
  });

  test('reads a gzip file as the file that it holds; one whose tail is missing ends in an error', async () => {
    const packed = gzipSync(`${columns}\n1,a,S,1\n`);
    expect(await read(packed, 'item', '.csv.gz')).toMatchObject({ rows: [{ line: 2, values: { name: 'a' } }] });
    await expect(read(packed.subarray(0, -9), 'item', '.csv.gz')).rejects.toMatchObject({ code: 'Z_BUF_ERROR' });
  });

  test('a line break of any kind within a name becomes a space', async () => {
    expect(await items(`${columns}\n1,red\rmug,S,1\n2,"a\u2028b \r\n\v c\u0085",S,1\n`)).toEqual({
      rows: [
        [2, 'red mug'],
        [3, 'a b c'],
      ],
      broken: [],
    });
  });

  test('a name of more than 1,000 characters rejects its line alone', async () => {
    const { rows, broken } = await items(
      `${columns}\n1,${'x'.repeat(1_000)},S,1\n2,${'x'.repeat(1_001)},S,1\n3,c,S,1\n`,
    );
    expect(rows.map(([line]) => line)).toEqual([2, 4]);
    expect(broken).toMatchObject([[3, 'name is longer than 1000 characters', expect.anything()]]);
  });

  test('a header with an unbalanced quote refuses the file', async () => {
    expect(await read(`"item_id,name\n1,a,S,1\n`)).toEqual({
      refusal: 'the header cannot be read: an unbalanced quote',
    });
  });

  test('reads a quoted name behind the byte-order mark of a file that was glued on', async () => {
    expect(await items(`${columns}\n\ufeff"1","a\nb",S,1\n2,c,S,1\n`)).toEqual({
      rows: [
        [2, 'a b'],
        [4, 'c'],
      ],
      broken: [],
    });
  });

  test('reads 100,000 items that are all torn, or hold a million spaces, without searching them again and again', async () => {
    const torn = Array.from({ length: 100_000 }, (_, at) => `${at},"5" pipe,S,1`);
    const spaces = `1,x${' '.repeat(1_000_000)}y,S,1`;
    const { rows, broken } = await items(`${columns}\n${torn.join('\n')}\n${spaces}\n7,"b",S,1\n`);
    expect([rows, broken.length]).toEqual([[[100_003, 'b']], 100_001]);
  });

  test('reads 100,000 items, two thousand of them torn', async () => {
    const lines = Array.from({ length: 100_000 }, (_, at) =>
      at % 50 === 0 ? `${at},"torn,S,1` : `${at},"a, ${at}",S,1`,
    );
    const { rows, broken } = await items(`${columns}\n${lines.join('\n')}\n`);
    expect([rows.length, broken.length, rows.at(-1), broken.at(-1)?.[0]]).toEqual([
      98_000,
      2_000,
      [100_001, 'a, 99999'],
      99_952,
    ]);
  });
});
