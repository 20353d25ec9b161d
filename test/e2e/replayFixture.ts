import { expect } from '@jest/globals';
import { verify } from '../../jobs/verify.ts';
import { withdrawLines } from '../../jobs/withdraw.ts';
import { query } from '../../lib/postgres/pool.ts';
import { openTestDataset, type TestDataset } from '../support/dataset.ts';
import { changes, counts, mixedLines } from './dataFixture.ts';

export const { change, count } = mixedLines(11, 200);
/** Events of a replayed dataset, counter-events included. */
export const events = change.length + count.length + 3;

/** Two hours with names, a bad row, a re-export, and a line that was taken back. */
export async function openReplayed(): Promise<TestDataset> {
  const dataset = await openTestDataset({ PARTITIONS: '2' });
  dataset.write('store.csv', 'store_id,name,timezone\n0,online,\n1,One,Europe/Berlin\n2,Two,\n');
  dataset.write('item.csv', 'item_id,name,supplier_id,safety_stock_quantity\n100,Jam,s1,4\n101,"Tea, black",s2,9\n');
  dataset.write('inventory_change_a.csv', changes(...change.slice(0, 80), '{x},1,1,1/1/2025 9:00,3.5,1'));
  dataset.write('inventory_snapshot_a.csv', counts(...count));
  await dataset.hour();
  await withdrawLines(dataset.pipeline, { file: 'inventory_change_a.csv', ranges: [{ from: 3, to: 5 }] }, new Date());
  dataset.write('inventory_change_b.csv', changes(...change));
  expect(await dataset.hour()).toMatchObject({ status: 'succeeded' });
  return dataset;
}

/** `verify` finds nothing, and no schema of a replay is left. */
export async function expectAllAgrees(dataset: TestDataset): Promise<void> {
  expect(await verify(dataset.pipeline, () => undefined)).toMatchObject({ ok: true, listed: [], events });
  const schemas = await query(
    dataset.pipeline.db,
    `SELECT FROM pg_namespace WHERE nspname ~ ('^(replay|before)_.*' || $1)`,
    [dataset.name],
  );
  expect(schemas).toEqual([]);
}
