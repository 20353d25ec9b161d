import { afterEach, describe, expect, test } from '@jest/globals';
import { verify } from '../../jobs/verify.ts';
import { query } from '../../lib/postgres/pool.ts';
import { changes, counts, mixedLines } from '../e2e/dataFixture.ts';
import { dataFiles } from '../support/dataFiles.ts';
import { openTestDataset, type TestDataset } from '../support/dataset.ts';

let open: TestDataset[] = [];
afterEach(async () => {
  await Promise.all(open.map((dataset) => dataset.close()));
  open = [];
});

/** Two hours of mixed lines, stores and items shared by all partitions; the second with late lines and counts. */
async function twoHours(settings: Readonly<Record<string, string>>): Promise<TestDataset> {
  const dataset = await openTestDataset({ PARTITIONS: '4', ...settings });
  open.push(dataset);
  const { change, count } = mixedLines(11, 400);
  dataset.write('inventory_change_a.csv', changes(...change.filter((_, at) => at % 3 > 0)));
  dataset.write('inventory_snapshot_a.csv', counts(...count.filter((_, at) => at % 2 > 0)));
  expect(await dataset.hour()).toMatchObject({ status: 'succeeded' });
  dataset.write('inventory_change_b.csv', changes(...change.filter((_, at) => at % 3 === 0)));
  dataset.write('inventory_snapshot_b.csv', counts(...count.filter((_, at) => at % 2 === 0)));
  expect(await dataset.hour()).toMatchObject({ status: 'succeeded' });
  return dataset;
}

describe('rows that are counted in two lanes', () => {
  test('give the files of one lane, byte by byte, and the same ledger', async () => {
    const one = await twoHours({});
    const two = await twoHours({ LANE_ROWS: '1' });
    expect(dataFiles(two.outputDir)).toEqual(dataFiles(one.outputDir));
    const ledger = ({ pipeline }: TestDataset) =>
      query(
        pipeline.db,
        'SELECT run_seq, rows_read, rows_new, rows_duplicate, rows_rejected, pairs_changed FROM run ORDER BY run_seq',
      );
    expect(await ledger(two)).toEqual(await ledger(one));
    const lanes = async ({ pipeline }: TestDataset) =>
      query<{ lanes: number }>(
        pipeline.db,
        `SELECT jsonb_array_length(detail->'lanes') AS lanes FROM run_step WHERE step = 'read' ORDER BY run_seq`,
      );
    expect(await lanes(one)).toEqual([{ lanes: 1 }, { lanes: 1 }]);
    expect(await lanes(two)).toEqual([{ lanes: 2 }, { lanes: 2 }]);
    expect(await verify(two.pipeline, () => undefined)).toMatchObject({ ok: true, listed: [] });
  });

  test('do not lock each other out where the first day of their common store moves', async () => {
    const dataset = await openTestDataset({ PARTITIONS: '4', LANE_ROWS: '1' });
    open.push(dataset);
    const items = Array.from({ length: 3_000 }, (_, at) => 100 + at);
    const sales = (month: number) => items.map((item) => `{T${month}-${item}},${item},1,${month}/5/2025 9:00,-1,1`);
    dataset.write('inventory_change_a.csv', changes(...sales(9), ...sales(10), ...sales(11)));
    expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: 9_000 });
    dataset.write('inventory_change_b.csv', changes(...sales(8), ...sales(7)));
    expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: 6_000 });
    const attempts = await query(
      dataset.pipeline.db,
      "SELECT attempt, error FROM run_step WHERE step = 'apply' ORDER BY run_seq",
    );
    expect(attempts).toEqual([
      { attempt: 1, error: null },
      { attempt: 1, error: null },
    ]);
    const trends = await query(
      dataset.pipeline.db,
      'SELECT DISTINCT linear_month, linear_units::float8 FROM store_item',
    );
    expect(trends).toEqual([{ linear_month: '2025-12-01', linear_units: 1 }]);
  });
});
