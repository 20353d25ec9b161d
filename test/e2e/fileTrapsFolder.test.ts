import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { TestDataset } from '../support/dataset.ts';
import { changeHeader, changes, expectRowsAddUp, withDataset } from './dataFixture.ts';
import { expectFiguresOf, sale, sales, told } from './fileTrapsFixture.ts';

/** What run_info.csv and data_quality.csv say of refused files, by name. */
function refusals(dataset: TestDataset): Record<string, string> {
  const rows = dataset.rows('data_quality.csv').filter((row) => row.rule === 'refused_file');
  const [info] = dataset.rows('run_info.csv');
  for (const row of rows) expect(info?.reason).toContain(`${row.subject} refused: ${row.detail}`);
  return Object.fromEntries(rows.map((row) => [row.subject ?? '', row.detail ?? '']));
}

describe('what stands in the folder and cannot be read', () => {
  test('links that lead out, nowhere or in a circle, folders, pipes and sockets are refused by name, the rest is loaded', async () => {
    await withDataset({}, async (dataset) => {
      const inside = (name: string) => join(dataset.inputDir, name);
      const outside = join(dataset.inputDir, '..', 'outside');
      mkdirSync(outside);
      writeFileSync(join(outside, 'secret.csv'), changes(sale('secret')));
      // Beside the folder, with a name that begins like it.
      mkdirSync(`${dataset.inputDir}-2`);
      writeFileSync(join(`${dataset.inputDir}-2`, 'secret.csv'), changes(sale('secret')));
      symlinkSync(join(outside, 'secret.csv'), inside('inventory_change_out.csv'));
      symlinkSync('inventory_change_out.csv', inside('inventory_change_out_again.csv'));
      symlinkSync(outside, inside('sub'));
      symlinkSync('sub/secret.csv', inside('inventory_change_through.csv'));
      symlinkSync(join('..', 'input-2', 'secret.csv'), inside('inventory_change_beside.csv'));
      symlinkSync('gone.csv', inside('inventory_change_gone.csv'));
      symlinkSync('inventory_change_circle.csv', inside('inventory_change_circle.csv'));
      mkdirSync(inside('inventory_change_folder.csv'));
      mkdirSync(inside('older'));
      writeFileSync(join(inside('older'), 'inventory_change_older.csv'), changes(sale('older')));
      execFileSync('mkfifo', [inside('inventory_change_pipe.csv')]);
      const socket = createServer().listen(inside('item_socket.csv'));
      dataset.write('inventory_change_a.csv', changes(...sales(0, 3)));
      symlinkSync('inventory_change_a.csv', inside('inventory_change_same.csv'));
      try {
        const run = await dataset.hour();
        expect(run).toMatchObject({ status: 'succeeded_with_warnings', rows_new: 3, files: 2, files_refused: 9 });
        expectRowsAddUp(run);
      } finally {
        socket.close();
      }
      const out = 'a link that leads out of the input folder is not followed';
      expect(refusals(dataset)).toEqual({
        'inventory_change_out.csv': out,
        'inventory_change_out_again.csv': out,
        'inventory_change_through.csv': out,
        'inventory_change_beside.csv': out,
        'inventory_change_gone.csv': expect.stringContaining('cannot be read: ENOENT'),
        'inventory_change_circle.csv': expect.stringContaining('cannot be read: ELOOP'),
        'inventory_change_folder.csv': 'a folder that is named like an export file',
        'inventory_change_pipe.csv': 'not a regular file',
        'item_socket.csv': 'not a regular file',
      });
      expect(told(dataset, 'ignored_file')).toEqual(['older: 1', 'sub: 1']);
      expectFiguresOf(dataset, sales(0, 3));
    });
  });

  test('a file without the right to read it is refused, and read when it may be', async () => {
    const nobody = 65_534;
    await withDataset({}, async (dataset) => {
      dataset.write('inventory_change_a.csv', changes(...sales(0, 3)));
      dataset.write('inventory_change_b.csv', changes(...sales(3, 5)));
      const path = join(dataset.inputDir, 'inventory_change_b.csv');
      chmodSync(path, 0o000);
      const root = process.getuid?.() === 0;
      const folder = join(dataset.inputDir, '..');
      const run = await (async () => {
        if (!root) return dataset.hour();
        // Root may read everything, so for this hour the process is nobody.
        chownSync(folder, nobody, nobody);
        process.seteuid?.(nobody);
        try {
          return await dataset.hour();
        } finally {
          process.seteuid?.(0);
        }
      })();
      expect(run).toMatchObject({ status: 'succeeded_with_warnings', rows_new: 3, files_refused: 1 });
      expect(refusals(dataset)).toEqual({
        'inventory_change_b.csv': expect.stringContaining('cannot be read: EACCES'),
      });
      chmodSync(path, 0o644);
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: 2 });
    });
  });

  test('files without bytes, of blank lines or with a header alone are empty exports, and what comes later counts', async () => {
    await withDataset({}, async (dataset) => {
      const texts = ['', '\n', '\r\n\r\n', `${changeHeader}\n`, changeHeader, `\ufeff${changeHeader}\r\n\r\n`];
      texts.forEach((text, at) => {
        dataset.write(`inventory_change_${at}.csv`, text);
      });
      dataset.write('inventory_change_6.csv.gz', gzipSync(''));
      dataset.write('inventory_snapshot_7.csv.gz', gzipSync('item_id,employee_id,store_id,date_time,quantity\n'));
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded', files_refused: 0, rows_read: 0 });
      for (const at of [3, 5]) appendFileSync(join(dataset.inputDir, `inventory_change_${at}.csv`), `${sale(at)}\n`);
      dataset.write('inventory_change_0.csv', changes(sale('0')));
      dataset.write('inventory_change_6.csv.gz', gzipSync(changes(sale('6'))));
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: 4, rows_rejected: 0 });
      expectFiguresOf(dataset, [sale('0'), sale(3), sale(5), sale('6')]);
    });
  });
});

describe('a gz bomb', () => {
  const mebibyte = 1024 * 1024;
  const repeated = (line: string, bytes: number) => Buffer.alloc(bytes, line);
  /** Members of a gzip file one behind the other are one text, so a bomb is quickly made. */
  const bomb = (start: string, member: Buffer, times: number) =>
    Buffer.concat([gzipSync(start), ...Array.from({ length: times }, () => member)]);

  test('is refused by what it unpacks to, whatever it holds; the other files are loaded', async () => {
    await withDataset({ MAX_UNPACKED_MB: '8' }, async (dataset) => {
      const oneLine = gzipSync(repeated('x', 140 * mebibyte));
      const good = gzipSync(repeated(`${sale(1)}\n`, 5 * mebibyte - ((5 * mebibyte) % (sale(1).length + 1))));
      dataset.write('inventory_change_line.csv.gz', bomb(`${changeHeader}\n`, oneLine, 50));
      dataset.write('inventory_change_rows.csv.gz', bomb(`${changeHeader}\n`, good, 2));
      dataset.write('inventory_change_junk.csv.gz', bomb(`${changeHeader}\n`, gzipSync(repeated('x\n', mebibyte)), 7));
      dataset.write(
        'inventory_change_blank.csv.gz',
        bomb(`${changeHeader}\n`, gzipSync(repeated('\n', 4 * mebibyte)), 3),
      );
      dataset.write('inventory_change_header.csv.gz', oneLine);
      dataset.write('inventory_change_torn.csv.gz', gzipSync(changes(...sales(0, 50))).subarray(0, -12));
      dataset.write('item.csv.gz', bomb('item_id,name,supplier_id,safety_stock_quantity\n', oneLine, 50));
      dataset.write('inventory_change_a.csv', changes(...sales(0, 3)));
      const run = await dataset.hour();
      expect(run).toMatchObject({ status: 'succeeded_with_warnings', files_refused: 7, rows_new: 3 });
      expect(refusals(dataset)).toEqual({
        'inventory_change_line.csv.gz': expect.stringContaining('a line of more than 64 MiB'),
        'inventory_change_rows.csv.gz': expect.stringContaining('more than 8 MB (MAX_UNPACKED_MB)'),
        'inventory_change_junk.csv.gz': expect.stringMatching(/^10\d{5} of 10\d{5} rows are bad \(100.0 %/),
        'inventory_change_blank.csv.gz': expect.stringContaining('more than 8 MB (MAX_UNPACKED_MB)'),
        'inventory_change_header.csv.gz': expect.stringMatching(/^the header lacks trans_id.{1,1000}$/),
        'inventory_change_torn.csv.gz': expect.stringContaining('unexpected end of file'),
        'item.csv.gz': expect.stringContaining('more than 128 MB'),
      });
      expectFiguresOf(dataset, sales(0, 3));
    });
  });
});
