import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { verify } from '../../jobs/verify.ts';
import { dataFiles } from '../support/dataFiles.ts';
import type { TestDataset } from '../support/dataset.ts';
import { changes, counts, expectOracle, withDataset } from './dataFixture.ts';

const sale = (month: number, day: number, item = 101) => `{${month}},${item},1,${month}/${day}/2025 10:00,-2,1`;
const months = [1, 2, 3, 4, 5, 6];
const files = {
  'inventory_change_a.csv': changes(sale(1, 3), ...months.flatMap((month) => [sale(month, 10), sale(month, 10, 102)])),
  'inventory_snapshot_a.csv': counts('101,E,1,1/5/2025 9:00,90', '101,E,1,4/5/2025 9:00,80'),
};
/** Late counts, each with the months that may tell another stock now: from its day to that of the next count. */
const late = [
  ['101,E,1,2/20/2025 9:00,50', ['2025-02', '2025-03', '2025-04']],
  ['101,E,1,12/15/2024 9:00,70', ['2024-12', '2025-01']],
  ['102,E,1,4/10/2025 10:00,30', ['2025-04', '2025-05']],
  ['101,E,1,4/5/2025 9:00,81', ['2025-04', '2025-05']],
] as const;

/** Each archived month with the inode of its file: a file that is written again is another. */
function archived(dataset: TestDataset): Map<string, number> {
  const folder = join(dataset.outputDir, 'archive');
  return new Map(readdirSync(folder).map((name) => [name.slice(9, 16), statSync(join(folder, name)).ino]));
}

test('a late count changes the stock from its day to that of the next count, months back too, and only those months are written again', async () => {
  const all = { ...files };
  await withDataset({ COMBINED_DAYS: '0' }, async (dataset) => {
    for (const [name, text] of Object.entries(files)) dataset.write(name, text);
    await dataset.hour();
    expect([...archived(dataset).keys()]).toEqual(['2025-01', '2025-02', '2025-03', '2025-04', '2025-05']);
    for (const [at, [line, expected]] of late.entries()) {
      const before = archived(dataset);
      Object.assign(all, { [`inventory_snapshot_late${at}.csv`]: counts(line) });
      dataset.write(`inventory_snapshot_late${at}.csv`, counts(line));
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: 1 });
      const rewritten = [...archived(dataset)].filter(([month, inode]) => before.get(month) !== inode);
      expect([line, rewritten.map(([month]) => month)]).toEqual([line, expected]);
      expectOracle(dataset);
    }
    expect(await verify(dataset.pipeline, () => undefined)).toMatchObject({ ok: true, listed: [] });
    await withDataset({ COMBINED_DAYS: '0' }, async (atOnce) => {
      for (const [name, text] of Object.entries(all)) atOnce.write(name, text);
      await atOnce.hour();
      expect(dataFiles(dataset.outputDir)).toEqual(dataFiles(atOnce.outputDir));
    });
  });
});
