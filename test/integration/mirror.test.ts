import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Long } from 'mongodb';
import { mirrorStep } from '../../jobs/mirrorStep.ts';
import { runOnce } from '../../jobs/once.ts';
import { verify } from '../../jobs/verify.ts';
import { allDocuments, openMirror, setDocuments } from '../../lib/mongo/mirror.ts';
import { foldRun } from '../../lib/postgres/foldDeltas.ts';
import { findRun, type Run } from '../../lib/postgres/ledger.ts';
import { markMirrorDue, markMirrorStale } from '../../lib/postgres/mirrorState.ts';
import { query } from '../../lib/postgres/pool.ts';
import { openTestDataset, type TestDataset } from '../support/dataset.ts';
import { withHeldRun } from '../support/heldRun.ts';

type Values = Readonly<Record<string, unknown>>;

let dataset: TestDataset;
const changeHeader = 'trans_id,item_id,store_id,date_time,quantity,change_type_id\n';
const sale = (trans: number, item: number) => `{${trans}},${item},1,11/3/2025 10:0${trans % 10},-2000000000,1\n`;
let changes = changeHeader;

function deliver(...lines: string[]) {
  changes += lines.join('');
  dataset.write('inventory_change_a.csv', changes);
}

/** All documents of a collection as plain values, by _id; numbers beyond 2^53 as text. */
async function documents(collection: 'store_item' | 'run_delta' | 'run'): Promise<Map<string, Values>> {
  const mirror = await openMirror(dataset.pipeline.urls.mongodbUrl, dataset.name);
  const found = new Map<string, Values>();
  try {
    for await (const { _id, ...values } of allDocuments(mirror, collection)) {
      const plain = (value: unknown) => (Long.isLong(value) ? Number(value.toString()) : value);
      found.set(_id, Object.fromEntries(Object.entries(values).map(([key, value]) => [key, plain(value)])));
    }
  } finally {
    await mirror.close();
  }
  return found;
}

const everything = async () =>
  Promise.all([documents('store_item'), documents('run_delta'), documents('run')] as const);

async function expectEqualsPostgres(): Promise<void> {
  const { db } = dataset.pipeline;
  const items = await query<Values>(
    db,
    `SELECT store_id, item_id, delta_quantity, snapshot_quantity, snapshot_time, final_quantity, last_event_time,
            last_sale_time FROM store_item`,
  );
  const [stored, deltas, runs] = await everything();
  expect(stored.size).toBe(items.length);
  for (const item of items) expect(stored.get(`${item.store_id}|${item.item_id}`)).toMatchObject(item);
  const rows = await query<Values>(
    db,
    `SELECT coalesce(r.run_id, 'base') AS run_id, d.* FROM run_delta d LEFT JOIN run r USING (run_seq)
     WHERE d.delta_quantity IS NOT NULL`,
  );
  expect(deltas.size).toBe(rows.length);
  for (const row of rows) expect(deltas.get(`${row.run_id}|${row.store_id}|${row.item_id}`)).toMatchObject(row);
  const ledger = await query<Values>(db, 'SELECT run_id, rows_read, rows_new FROM run WHERE applied_at IS NOT NULL');
  expect([...runs.keys()].sort()).toEqual(ledger.map((run) => run.run_id).sort());
  for (const { run_id, ...run } of ledger) expect(runs.get(String(run_id))).toMatchObject(run);
}

beforeAll(async () => {
  dataset = await openTestDataset();
  dataset.write(
    'inventory_snapshot_a.csv',
    'item_id,employee_id,store_id,date_time,quantity\n101,7,1,11/1/2025 8:00,40\n',
  );
  deliver(sale(1, 101), sale(2, 101), sale(3, 102));
  await dataset.hour();
});
afterAll(() => dataset.close());

const { signal } = new AbortController();

const withRun = (work: (run: Run) => Promise<void>) => withHeldRun(dataset, work);

/** Writes into MongoDB as nobody should. */
async function setTotals(id: string, values: Record<string, number>): Promise<void> {
  const mirror = await openMirror(dataset.pipeline.urls.mongodbUrl, dataset.name);
  await setDocuments(mirror, 'store_item', [{ id, known: true, values }]).finally(() => mirror.close());
}

/** The run that wrote a document last may differ, its figures may not. */
const withoutRunSeq = (all: unknown) =>
  JSON.parse(JSON.stringify(all, (key, value) => (key === 'run_seq' ? 0 : value)));

describe('the mirror', () => {
  test('holds what PostgreSQL holds, sums beyond 32 bits too', async () => {
    await expectEqualsPostgres();
    expect((await documents('store_item')).get('1|101')).toMatchObject({ delta_quantity: -4_000_000_000 });
  });

  test('made again over itself changes nothing, even where PostgreSQL forgot that documents are there', async () => {
    const before = await everything();
    await query(dataset.pipeline.db, 'UPDATE run SET mirrored_at = NULL WHERE applied_at IS NOT NULL');
    await query(dataset.pipeline.db, 'UPDATE store_item SET mirrored = false');
    await withRun(async (run) => {
      const detail = await mirrorStep(dataset.pipeline, run, signal);
      expect(detail).toEqual({ runs: 1, pairs: 2, deltas: 2, repaired: 0 });
      expect(await everything()).toEqual(before);
      expect(await mirrorStep(dataset.pipeline, run, signal)).toEqual({ runs: 0, pairs: 0, deltas: 0, repaired: 0 });
    });
  });

  test('inserts what is new beside what an insert finds there already', async () => {
    const mirror = await openMirror(dataset.pipeline.urls.mongodbUrl, dataset.name);
    const set = (...ids: string[]) =>
      setDocuments(
        mirror,
        'store_item',
        ids.map((id) => ({ id, known: false, values: { final_quantity: 2n ** 60n } })),
      );
    try {
      await set('9|1');
      await set('9|2', '9|1', '9|3');
      const ids = [...(await documents('store_item')).keys()].filter((id) => id.startsWith('9|'));
      expect(ids.sort()).toEqual(['9|1', '9|2', '9|3']);
      await mirror.db.collection<{ _id: string }>('store_item').deleteMany({ _id: { $in: ids } });
    } finally {
      await mirror.close();
    }
  });

  test('stops between two writes when the run was taken by another', async () => {
    await query(dataset.pipeline.db, 'UPDATE run SET mirrored_at = NULL WHERE applied_at IS NOT NULL');
    const taken = AbortSignal.abort(new Error('taken over'));
    await withRun(async (run) => {
      await expect(mirrorStep(dataset.pipeline, run, taken)).rejects.toThrow('taken over');
      await expect(mirrorStep(dataset.pipeline, { ...run, holder: 'gone#1' }, signal)).rejects.toMatchObject({
        code: 'ETL_STALE',
      });
      await mirrorStep(dataset.pipeline, run, signal);
    });
  });

  test('that a process taken for dead left with older values is set again by the next run', async () => {
    const before = await everything();
    await setTotals('1|101', { delta_quantity: 1 });
    await markMirrorDue(dataset.pipeline.db, [{ store_id: 1, item_id: 101 }]);
    await withRun(async (run) => {
      expect(await mirrorStep(dataset.pipeline, run, signal)).toMatchObject({ runs: 0, pairs: 1 });
    });
    expect(withoutRunSeq(await everything())).toEqual(withoutRunSeq(before));
  });

  test('is compared at each new closed day: what differs is set again, strangers go, and the run says so', async () => {
    await setTotals('1|101', { final_quantity: 7 });
    await setTotals('8|8', { final_quantity: 7 });
    await query(dataset.pipeline.db, `UPDATE dataset SET mirror_checked_on = '2025-01-01'`);
    await withRun(async (run) => {
      expect(await mirrorStep(dataset.pipeline, run, signal)).toMatchObject({ repaired: 2 });
      expect((await findRun(dataset.pipeline.db, run.run_id))?.warnings).toEqual([
        expect.stringContaining('MongoDB told other totals than PostgreSQL for 2 pairs'),
      ]);
      expect(await mirrorStep(dataset.pipeline, run, signal)).toMatchObject({ repaired: 0 });
    });
    await expectEqualsPostgres();
  });

  test('that is stale is made anew, base rows of folded runs too', async () => {
    const { db } = dataset.pipeline;
    const [first] = await query<{ run_seq: number }>(db, 'SELECT min(run_seq) AS run_seq FROM run_delta');
    await withRun((run) => foldRun(db, run, first?.run_seq ?? 0));
    await setTotals('8|8', { final_quantity: 7 });
    await markMirrorStale(db);
    await withRun(async (run) => {
      expect(await mirrorStep(dataset.pipeline, run, signal)).toMatchObject({ pairs: 2, deltas: 2 });
    });
    await expectEqualsPostgres();
    expect([...(await documents('run_delta')).keys()].sort()).toEqual(['base|1|101', 'base|1|102']);
  });

  test('that is away lets the run end with a warning, and the next run catches up', async () => {
    const away = { ...dataset.pipeline.urls, mongodbUrl: 'mongodb://127.0.0.1:1' };
    deliver(sale(4, 101), sale(5, 103));
    const run = await runOnce({ ...dataset.pipeline, urls: away }, () => undefined);
    expect(run).toMatchObject({ status: 'succeeded_with_warnings', rows_new: 2 });
    const [info] = dataset.rows('run_info.csv');
    expect(info).toMatchObject({ state: 'complete', status: 'succeeded_with_warnings', run_id: run.run_id });
    expect(info?.reason).toContain('MongoDB is behind, a later run catches up');
    expect(dataset.rows('delta_quantity.csv')).toHaveLength(3);
    expect(await verify(dataset.pipeline, () => undefined)).toMatchObject({ ok: false });

    deliver(sale(6, 102));
    expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: 1 });
    await expectEqualsPostgres();
    expect(await verify(dataset.pipeline, () => undefined)).toMatchObject({ ok: true, listed: [] });
  });
});
