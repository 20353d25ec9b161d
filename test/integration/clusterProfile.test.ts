import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { query } from '../../lib/postgres/pool.ts';
import { openTestDataset, type TestDataset } from '../support/dataset.ts';

const header = 'trans_id,item_id,store_id,date_time,quantity,change_type_id\n';
let dataset: TestDataset;

beforeAll(async () => {
  dataset = await openTestDataset();
});
afterAll(() => dataset.close());

const units = () =>
  dataset
    .rows('cluster_profile.csv')
    .filter((row) => row.units !== '0')
    .map((row) => [row.cluster_id, row.dimension, row.bucket, row.share, row.index, row.items, row.units].join(' '));

test('cluster_profile.csv tells how the demand of closed days spreads, and follows late rows', async () => {
  dataset.write('inventory_change_first.csv', `${header}{1},2,1,6/2/2025 9:00,-4,1\n`);
  await dataset.hour();
  expect(dataset.text('cluster_profile.csv')).toBe(
    'cluster_id,dimension,bucket,share,index,items,units,run_id,as_of_utc\n',
  );

  const lines = [
    // Before the eight weeks that hours come from.
    '{2},1,1,9/2/2025 18:00,-5,1',
    ...Array.from({ length: 10 }, (_, at) => `{3},1,1,10/${at + 1}/2025 10:00,-2,1`),
    // A line of the web shop and the picking store's own: one demand.
    '{4},1,0,10/5/2025 15:00,-3,4',
    '{4},1,1,10/5/2025 15:00,-3,4',
    // Undone.
    '{5},1,1,10/12/2025 12:00,-500,1',
    '{6},1,1,10/13/2025 12:00,500,3',
    // Of the open month.
    '{7},1,1,11/3/2025 10:00,-9,1',
  ];
  dataset.write('inventory_change_autumn.csv', `${header}${lines.join('\n')}\n`);
  await dataset.hour();
  const cluster = 'medium-intermittent';
  const hours = [`${cluster} hour 10 0.8696 1 1 20`, `${cluster} hour 15 0.1304 1 1 3`];
  // 1 October 2025 was a Wednesday, 2 September a Tuesday.
  const expected = [2, 7, 4, 4, 4, 2, 5].map(
    (sold, at) => `${cluster} weekday ${at + 1} ${Math.round((sold / 28) * 1e4) / 1e4} 1 1 ${sold}`,
  );
  expect(units()).toEqual([...hours, ...expected]);
  expect(dataset.rows('cluster_profile.csv').every((row) => row.run_id !== '' && row.as_of_utc !== '')).toBe(true);
  // Item 2 sold nothing for three months.
  expect(await query(dataset.pipeline.db, 'SELECT * FROM item_cluster')).toEqual([{ item_id: 1, cluster_id: cluster }]);

  const current = dataset.rows('inventory_current.csv').map((row) => [row.store_id, row.item_id, row.cluster_id]);
  expect(current).toEqual([
    ['0', '1', cluster],
    ['1', '1', cluster],
    ['1', '2', ''],
  ]);

  // A day later, with a new item: the month's clusters stand.
  dataset.write('inventory_change_next.csv', `${header}{8},3,1,11/4/2025 10:00,-50,1\n`);
  await dataset.hour();
  expect(units()).toEqual([...hours, ...expected]);

  dataset.write('inventory_change_late.csv', `${header}{9},1,1,10/20/2025 10:00,-2,1\n`);
  await dataset.hour();
  expect(units().slice(0, 2)).toEqual([`${cluster} hour 10 0.88 1 1 22`, `${cluster} hour 15 0.12 1 1 3`]);
});
