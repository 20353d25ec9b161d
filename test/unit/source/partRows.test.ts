import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Header } from '../../../lib/core/header.ts';
import { rowParser } from '../../../lib/core/parseRow.ts';
import { blockBytes } from '../../../lib/source/lineBlocks.ts';
import { fileHeader, type PartReject, type PartRow, partRows } from '../../../lib/source/partRows.ts';

const folder = await mkdtemp(join(tmpdir(), 'tillcast-parts-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

const columns = 'trans_id,item_id,store_id,date_time,quantity,change_type_id';
const rules = {
  dateOrderOf: () => 'mdy' as const,
  earliest: '2000-01-01 00:00:00',
  latestOf: () => '2030-01-01 00:00:00',
};

let files = 0;
async function fileOf(content: string | Buffer, ending = '.csv'): Promise<string> {
  files += 1;
  const path = join(folder, `${files}${ending}`);
  await writeFile(path, content);
  return path;
}

async function headerOf(path: string): Promise<Header> {
  const read = await fileHeader(path, 'change', Number.MAX_SAFE_INTEGER);
  if (!('header' in read)) throw new Error(JSON.stringify(read));
  return read.header;
}

type Read = { rows: PartRow[]; rejects: PartReject[]; repeatedHeaders: number; lines: number; endAt: number };

async function readPart(path: string, from: number, to: number, linesBefore: number, known?: Header): Promise<Read> {
  const header = known ?? (await headerOf(path));
  const all: Read = { rows: [], rejects: [], repeatedHeaders: 0, lines: linesBefore, endAt: from };
  for await (const block of partRows({ path, from, to, linesBefore }, header, rowParser('change', header, rules))) {
    all.rows.push(...block.rows);
    all.rejects.push(...block.rejects);
    all.repeatedHeaders += block.repeatedHeaders;
    all.lines = block.lines;
    all.endAt = block.endAt;
  }
  return all;
}

async function readAll(content: string | Buffer, ending = '.csv') {
  const { rows, rejects, repeatedHeaders, lines } = await readPart(
    await fileOf(content, ending),
    0,
    Number.MAX_SAFE_INTEGER - 1,
    0,
  );
  return {
    loaded: rows.map(({ row, line }) => [line, row.transId, row.quantity]),
    rejected: rejects.map(({ line, column, reason, raw }) => [line, column, reason, raw]),
    repeatedHeaders,
    lines,
  };
}

const row = (trans: string, quantity = '-1') => `${trans},5,1,2026-01-05 09:00,${quantity},1`;

describe('fileHeader', () => {
  const headerIn = async (content: string | Buffer, ending = '.csv') => {
    const path = await fileOf(content, ending);
    return fileHeader(path, 'change', ending === '.csv' ? Buffer.byteLength(content) : Number.MAX_SAFE_INTEGER);
  };

  test.each([
    ['no bytes', ''],
    ['only a byte-order mark', '\ufeff'],
    ['only line ends', '\n\r\n\n'],
    ['only spaces', '  '],
    ['only blank lines behind a byte-order mark', '\ufeff\r\n \n'],
    ['more blank lines than a block', '\n'.repeat(700_000)],
  ])('a file with %s is an empty export', async (_, content) => {
    expect(await headerIn(content)).toEqual({ empty: true });
  });

  test.each([
    ['\n', ''],
    ['\r\n', ''],
    ['', ''],
    ['\n', '\ufeff'],
  ])('a header that ends in %j is read (byte-order mark %j)', async (ending, mark) => {
    expect(await headerIn(`${mark}${columns}${ending}`)).toMatchObject({
      header: { names: columns.split(','), extra: [] },
    });
  });

  test('a quoted header, in capitals, in another order, is read', async () => {
    const read = await headerIn('"Quantity","Trans_Id",ITEM_ID,"store_id",date_time,change_type_id\r\n');
    expect(read).toMatchObject({ header: { position: { quantity: 0, trans_id: 1, change_type_id: 5 } } });
  });

  test.each([
    ['UTF-16 little endian', Buffer.from(`\ufeff${columns}\n`, 'utf16le'), 'UTF-16 text: export it as UTF-8'],
    ['UTF-16 big endian', Buffer.from(`\ufeff${columns}\n`, 'utf16le').swap16(), 'UTF-16 text: export it as UTF-8'],
    [
      'UTF-16 without a mark',
      Buffer.from(`${columns}\n`, 'utf16le'),
      'NUL characters in the header: UTF-16 or no text at all; export it as UTF-8',
    ],
    ['a blank first line', Buffer.from(`\n${columns}\n`), 'the first line, the header, is blank'],
    ['an unbalanced quote', Buffer.from('"trans_id,item_id\n'), 'the header cannot be read: an unbalanced quote'],
    ['Latin-1', Buffer.from('trans_id,caf\xe9\n', 'latin1'), 'the header cannot be read: not UTF-8'],
  ])('a file with %s is refused with its reason', async (_, content, refusal) => {
    expect(await headerIn(content)).toEqual({ refusal });
  });

  test('a missing or doubled column refuses the file', async () => {
    expect(await headerIn(`${columns.replace('quantity', 'qty')}\n`)).toMatchObject({
      refusal: expect.stringContaining('the header lacks quantity'),
    });
    expect(await headerIn(`${columns},item_id\n`)).toMatchObject({
      refusal: expect.stringContaining('item_id twice'),
    });
  });

  test('a header longer than a block is read whole', async () => {
    expect(await headerIn(`${'x'.repeat(600_000)},${columns}\n`)).toMatchObject({ header: { width: 7 } });
  });

  test('a gzip file has a header too, and one whose tail is missing ends in an error', async () => {
    expect(await headerIn(gzipSync(`${columns}\n${row('T')}\n`), '.csv.gz')).toMatchObject({ header: { width: 6 } });
    const torn = await fileOf(gzipSync(`${columns}\n${row('T')}\n`).subarray(0, 30), '.csv.gz');
    await expect(headerOf(torn).then(() => readPart(torn, 0, Number.MAX_SAFE_INTEGER, 0))).rejects.toMatchObject({
      code: 'Z_BUF_ERROR',
    });
  });
});

describe('partRows', () => {
  test('numbers rows by physical line, the header being line 1', async () => {
    expect(await readAll(`${columns}\n${row('A')}\n${row('B')}\n`)).toEqual({
      loaded: [
        [2, 'A', -1],
        [3, 'B', -1],
      ],
      rejected: [],
      repeatedHeaders: 0,
      lines: 3,
    });
  });

  test('counts blank lines, takes CRLF and LF mixed and a byte-order mark', async () => {
    expect(await readAll(`\ufeff${columns}\r\n\r\n${row('A')}\r\n\n   \n${row('B')}\n\n`)).toEqual({
      loaded: [
        [3, 'A', -1],
        [6, 'B', -1],
      ],
      rejected: [],
      repeatedHeaders: 0,
      lines: 7,
    });
  });

  test.each([['\n'], ['\r\n'], ['']])('finds no row in a file of only a header ending in %j', async (ending) => {
    expect(await readAll(`${columns}${ending}`)).toEqual({ loaded: [], rejected: [], repeatedHeaders: 0, lines: 1 });
  });

  test('rejects one line after another alone, with column, reason and raw text; neighbours load', async () => {
    const bytes = Buffer.concat([
      Buffer.from(`${columns}\n${row('A')}\n${row('B', '3.5')}\n\n"C,5,1\n${row('D')}\nE,5\n${row('F')},\nG`),
      Buffer.from([0xff]),
      Buffer.from(`,5\r\nH\0,5\n${row('"I, ""x"""')}\n`),
    ]);
    expect(await readAll(bytes)).toEqual({
      loaded: [
        [2, 'A', -1],
        [6, 'D', -1],
        [11, 'I, "x"', -1],
      ],
      rejected: [
        [3, 'quantity', 'expected a whole number within ±2147483647', row('B', '3.5')],
        [5, '', 'an unbalanced quote', '"C,5,1'],
        [7, '', 'too few fields: expected 6, got 2', 'E,5'],
        [8, '', 'too many fields: expected 6, got 7', `${row('F')},`],
        [9, '', 'not UTF-8', 'G\ufffd,5'],
        [10, '', 'a NUL character', 'H\0,5'],
      ],
      repeatedHeaders: 0,
      lines: 11,
    });
  });

  test('neither half of a line break inside quotes becomes an event', async () => {
    const read = await readAll(`${columns}\n${row('"A\nB"')}\n${row('C')}\n`);
    expect(read.loaded).toEqual([[4, 'C', -1]]);
    expect(read.rejected.map(([line, , reason]) => [line, reason])).toEqual([
      [2, 'an unbalanced quote'],
      [3, 'an unbalanced quote'],
    ]);
  });

  test('counts a header that comes again, and neither loads nor rejects it', async () => {
    const read = await readAll(`${columns}\n${row('A')}\n\ufeff${columns.toUpperCase()}\r\n${row('B')}\n${columns}\n`);
    expect(read).toEqual({
      loaded: [
        [2, 'A', -1],
        [4, 'B', -1],
      ],
      rejected: [],
      repeatedHeaders: 2,
      lines: 5,
    });
  });

  test('keeps line numbers across the borders of blocks, after blank lines and broken ones', async () => {
    const lines = Array.from({ length: 40_000 }, (_, at) => {
      const line = at + 2;
      if (line % 1_000 === 0) return '';
      if (line % 1_001 === 0) return `"broken ${line}`;
      return row(`T${line}`);
    });
    const read = await readAll(`${columns}\n${lines.join('\n')}\n`);
    expect(read.lines).toBe(40_001);
    expect(read.loaded.filter(([line, trans]) => trans !== `T${line}`)).toEqual([]);
    expect(read.rejected.length).toBe(39);
    expect(read.rejected.filter(([line, , , raw]) => raw !== `"broken ${line}`)).toEqual([]);
    expect(read.loaded.length + read.rejected.length + 40).toBe(40_000);
  });

  test('a multi-byte character across the border of two blocks is no bad byte', async () => {
    const first = `${columns}\n`;
    const filler = `${'x'.repeat(blockBytes - first.length - 2)}\n`;
    const read = await readAll(`${first}${filler}é,5,1,2026-01-05 09:00,-1,1\n${row('B')}\n`);
    expect(read.loaded).toEqual([
      [3, 'é', -1],
      [4, 'B', -1],
    ]);
    const across = await readAll(`${first}${'x'.repeat(blockBytes - first.length - 1)}é\n${row('B')}\n`);
    expect(across.rejected.map(([line, , reason]) => [line, reason])).toEqual([
      [2, 'too few fields: expected 6, got 1'],
    ]);
  });

  test('tells the open last line and where it began', async () => {
    const text = `${columns}\n${row('A')}\n${row('B')}`;
    const path = await fileOf(text);
    const header = await headerOf(path);
    const blocks = [];
    for await (const { open, startAt, endAt, lines, rows } of partRows(
      { path, from: 0, to: text.length, linesBefore: 0 },
      header,
      rowParser('change', header, rules),
    )) {
      blocks.push({ open, startAt, endAt, lines, rows: rows.length });
    }
    const openAt = text.length - row('B').length;
    expect(blocks).toEqual([
      { open: false, startAt: 0, endAt: openAt, lines: 2, rows: 1 },
      { open: true, startAt: openAt, endAt: text.length, lines: 3, rows: 1 },
    ]);
  });

  test('reads a gzip file as the file that it holds', async () => {
    const text = `\ufeff${columns}\r\n${row('A')}\r\n${row('B', 'x')}`;
    expect(await readAll(gzipSync(text), '.csv.gz')).toEqual(await readAll(text));
  });

  test('a part of bad lines only takes seconds at most', async () => {
    const path = await fileOf(`${columns}\n${`${row('T', 'x')}\n`.repeat(60_000)}`);
    const started = performance.now();
    expect((await readPart(path, 0, Number.MAX_SAFE_INTEGER - 1, 0)).rejects.length).toBe(60_000);
    expect(performance.now() - started).toBeLessThan(4_000);
  });
});

const someLine = fc.oneof(
  fc.constantFrom('', '  ', '"', 'x', columns, `${row('{Q}')}\r`, row('"a,b"'), row('é')),
  fc.integer({ min: 1, max: 99 }).map((n) => row(`T${n}`, String(n))),
  fc.constantFrom(row('T', '3.5'), row('', '1'), `${row('T')},`, 'T\0,1'),
);

test('split at any line end into two reads, a file gives the same rows, rejects and line numbers as in one', async () => {
  const path = await fileOf('');
  await fc.assert(
    fc.asyncProperty(fc.array(someLine, { maxLength: 12 }), fc.nat(12), fc.boolean(), async (lines, cut, closed) => {
      const text = `${columns}\n${lines.join('\n')}${closed ? '\n' : ''}`;
      await writeFile(path, text);
      const size = Buffer.byteLength(text);
      const header = await headerOf(path);
      const whole = await readPart(path, 0, size, 0, header);
      const head = [columns, ...lines].slice(0, Math.min(cut, lines.length) + 1).join('\n');
      const at = Math.min(Buffer.byteLength(head) + 1, size);
      const first = await readPart(path, 0, at, 0, header);
      const second = await readPart(path, first.endAt, size, first.lines, header);
      expect({
        ...second,
        rows: [...first.rows, ...second.rows],
        rejects: [...first.rejects, ...second.rejects],
        repeatedHeaders: first.repeatedHeaders + second.repeatedHeaders,
      }).toEqual(whole);
    }),
    { seed: 22, numRuns: 200 },
  );
});

test('cut at any byte, what was whole by then and what came later add up to one read', async () => {
  const path = await fileOf('');
  await fc.assert(
    fc.asyncProperty(fc.array(someLine, { minLength: 1, maxLength: 8 }), fc.nat(1_000), async (lines, draw) => {
      const text = `\ufeff${columns}\r\n${lines.join('\n')}\n`;
      await writeFile(path, text);
      const size = Buffer.byteLength(text);
      const header = await headerOf(path);
      const whole = await readPart(path, 0, size, 0, header);
      // A last line without its end waits, so the first read stops before it.
      const bytes = Buffer.from(text).subarray(0, draw % size);
      const settled = bytes.lastIndexOf(10) + 1;
      const first = await readPart(path, 0, settled, 0, header);
      expect(first.endAt).toBe(settled);
      const second = await readPart(path, first.endAt, size, first.lines, header);
      expect([...first.rows, ...second.rows]).toEqual(whole.rows);
      expect([...first.rejects, ...second.rejects]).toEqual(whole.rejects);
      expect(second.lines).toBe(whole.lines);
    }),
    { seed: 23, numRuns: 200 },
  );
});
