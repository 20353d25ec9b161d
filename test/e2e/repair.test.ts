import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { dropMirror, openMirror, setDocuments } from '../../lib/mongo/mirror.ts';
import { query } from '../../lib/postgres/pool.ts';
import { runCommandProcess } from '../support/commandProcess.ts';
import { dataFiles } from '../support/dataFiles.ts';
import { openTestDataset, type TestDataset } from '../support/dataset.ts';
import { changes, counts, mixedLines } from './dataFixture.ts';

const { change, count } = mixedLines(12, 200);
let dataset: TestDataset;

beforeAll(async () => {
  dataset = await openTestDataset();
  dataset.write('inventory_change_a.csv', changes(...change));
  dataset.write('inventory_snapshot_a.csv', counts(...count));
  await dataset.hour();
});
afterAll(() => dataset.close());

const verifying = async (...args: string[]) => {
  const { code, stdout } = await runCommandProcess(dataset, 'jobs/verifyCommand.ts', args);
  return { code, ...(JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as object) };
};

async function withMirror(work: (mirror: Awaited<ReturnType<typeof openMirror>>) => Promise<void>): Promise<void> {
  const mirror = await openMirror(dataset.pipeline.urls.mongodbUrl, dataset.name);
  await work(mirror).finally(() => mirror.close());
}

const harms: [string, () => Promise<unknown>][] = [
  [
    'a document that was changed, one that is missing and one too many',
    () =>
      withMirror(async (mirror) => {
        await setDocuments(mirror, 'store_item', [{ id: '1|101', known: true, values: { final_quantity: 7 } }]);
        await setDocuments(mirror, 'store_item', [{ id: '77|7', known: false, values: { final_quantity: 7 } }]);
        await mirror.db.collection<{ _id: string }>('store_item').deleteOne({ _id: '1|102' });
      }),
  ],
  ['a MongoDB that was emptied', () => withMirror(dropMirror)],
  [
    'CSVs that were changed, lost and cut',
    async () => {
      rmSync(join(dataset.outputDir, 'archive'), { recursive: true });
      writeFileSync(
        join(dataset.outputDir, 'delta_quantity.csv'),
        'store_id,item_id,delta_quantity,run_id,as_of_utc\n',
      );
      rmSync(join(dataset.outputDir, 'combined.csv'));
    },
  ],
  ['a lost output folder', async () => rmSync(dataset.outputDir, { recursive: true })],
  [
    'a closing stock in the middle of a pair’s days',
    () =>
      query(
        dataset.pipeline.db,
        `UPDATE store_item_day SET closing_quantity = 12345
         WHERE (store_id, item_id, business_date) IN (SELECT store_id, item_id, min(business_date) FROM store_item_day GROUP BY 1, 2)`,
      ),
  ],
  [
    'figures of PostgreSQL that do not follow from its events',
    async () => {
      const { db } = dataset.pipeline;
      await query(db, 'UPDATE store_item SET final_quantity = 1, delta_quantity = 2 WHERE item_id = 101');
      await query(db, 'DELETE FROM store_item_day WHERE item_id = 102');
      await query(db, 'DELETE FROM run_delta WHERE item_id = 103');
      await query(db, 'UPDATE store_item_month SET units_sold = 99');
    },
  ],
];

describe('verify --repair', () => {
  test.each(harms)('mends %s from PostgreSQL’s events', async (_, harm) => {
    const before = dataFiles(dataset.outputDir);
    await harm();
    expect(await verifying()).toMatchObject({ code: 1, ok: false });
    expect(await verifying('--repair')).toMatchObject({ code: 0, ok: true, differences: 0 });
    expect(dataFiles(dataset.outputDir)).toEqual(before);
    expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_read: 0 });
    expect(dataFiles(dataset.outputDir)).toEqual(before);
  });

  test('starts nothing where all agrees', async () => {
    const runs = () => query(dataset.pipeline.db, 'SELECT run_id FROM run');
    const before = await runs();
    expect(await verifying('--repair')).toMatchObject({ code: 0, ok: true });
    expect(await runs()).toEqual(before);
  });
});
