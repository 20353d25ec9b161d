import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { csvRows } from '../../../lib/output/csvRows.ts';

const folder = await mkdtemp(join(tmpdir(), 'tillcast-rows-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

async function rowsOf(content: string) {
  const path = join(folder, 'x.csv');
  await writeFile(path, content);
  const rows = [];
  for await (const row of csvRows(path)) rows.push(row);
  return rows;
}

describe('csvRows', () => {
  test('gives rows by column name, behind a byte-order mark too', async () => {
    expect(await rowsOf('\ufeffitem_id,item_name\n1,é\n2,\n')).toEqual([
      { item_id: '1', item_name: 'é' },
      { item_id: '2', item_name: '' },
    ]);
  });

  test('reads quoted values with commas and quotes in them', async () => {
    expect(await rowsOf('item_id,item_name,x\n1,"mug, ""red""",y\n2,"a, b",\n')).toEqual([
      { item_id: '1', item_name: 'mug, "red"', x: 'y' },
      { item_id: '2', item_name: 'a, b', x: '' },
    ]);
  });

  test.each([
    ['2,"a, b;c;d;e;f",y', 'a, b;c;d;e;f'],
    ['2,"a, b|c|d|e|f",y', 'a, b|c|d|e|f'],
  ])('reads %j by its commas', async (line, name) => {
    expect(await rowsOf(`item_id,item_name,x\n${line}\n`)).toEqual([{ item_id: '2', item_name: name, x: 'y' }]);
  });

  test.each([['a\rb'], ['a\u2028b'], ['a\u2029b'], ['a\u0085b'], ['a\vb'], ['a\fb']])(
    '%j within a value ends no line',
    async (id) => {
      expect(await rowsOf(`trans_id,x\n"${id}",y\n${id.includes('\r') ? '1' : id},z\n`)).toMatchObject([
        { trans_id: id, x: 'y' },
        { x: 'z' },
      ]);
    },
  );

  test('reads lines and characters that straddle what is read at once', async () => {
    const lines = Array.from({ length: 9_000 }, (_, at) => `${'é💡'.repeat(at % 7)}${at},"x,${at}"`);
    const rows = await rowsOf(`name,x\n${lines.join('\n')}\n`);
    expect(rows.map((row) => `${row.name},"${row.x}"`)).toEqual(lines);
  });

  test('a missing file has no rows', async () => {
    const rows = [];
    for await (const row of csvRows(join(folder, 'none.csv'))) rows.push(row);
    expect(rows).toEqual([]);
  });
});
