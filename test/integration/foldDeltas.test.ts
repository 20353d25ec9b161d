import { afterEach, expect, test } from '@jest/globals';
import { verify } from '../../jobs/verify.ts';
import { allDocuments, openMirror } from '../../lib/mongo/mirror.ts';
import { query } from '../../lib/postgres/pool.ts';
import { openTestDataset, type TestDataset } from '../support/dataset.ts';

const header = 'trans_id,item_id,store_id,date_time,quantity,change_type_id';
let dataset: TestDataset;

afterEach(() => dataset.close());

async function deltaDocuments(): Promise<[string, unknown][]> {
  const mirror = await openMirror(dataset.pipeline.urls.mongodbUrl, dataset.name);
  const found: [string, unknown][] = [];
  for await (const document of allDocuments(mirror, 'run_delta')) found.push([document._id, document.delta_quantity]);
  await mirror.close();
  return found.sort();
}

test('deltas of runs older than RUN_DELTA_DAYS become one base row and document per pair, and the sums stay', async () => {
  dataset = await openTestDataset({ RUN_DELTA_DAYS: '30' });
  const lines = [header, '{a},1,1,2026-01-05 10:00,-1,1'];
  const runs: string[] = [];
  for (const quantity of [-2, -4]) {
    dataset.write('inventory_change_1.csv', `${lines.join('\n')}\n`);
    runs.push((await dataset.hour()).run_id);
    lines.push(`{b${quantity}},1,1,2026-01-06 10:00,${quantity},1`);
  }
  await query(dataset.pipeline.db, `UPDATE run SET opened_at = opened_at - interval '31 days'`);
  dataset.write('inventory_change_1.csv', `${lines.join('\n')}\n`);
  const third = await dataset.hour();

  expect(await deltaDocuments()).toEqual([
    [`${third.run_id}|1|1`, -4],
    ['base|1|1', -3],
  ]);
  const rows = await query(dataset.pipeline.db, 'SELECT run_seq, delta_quantity FROM run_delta ORDER BY run_seq');
  expect(rows).toEqual([
    { run_seq: 0, delta_quantity: -3 },
    { run_seq: 3, delta_quantity: -4 },
  ]);
  expect(await verify(dataset.pipeline, () => undefined)).toMatchObject({ ok: true });
});
