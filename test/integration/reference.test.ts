import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openPipeline } from '../../jobs/pipeline.ts';
import { verify } from '../../jobs/verify.ts';
import { changeTypesFrom } from '../../lib/core/changeTypes.ts';
import { findRun, openRun, warnRun } from '../../lib/postgres/ledger.ts';
import { query } from '../../lib/postgres/pool.ts';
import { type ItemRow, loadReference, type StoreRow } from '../../lib/postgres/reference.ts';
import { clearWarnings } from '../../lib/postgres/runWarnings.ts';
import { openTestDataset, type TestDataset } from '../support/dataset.ts';
import { withHeldRun } from '../support/heldRun.ts';

let dataset: TestDataset;

beforeAll(async () => {
  dataset = await openTestDataset();
  dataset.write(
    'inventory_change_a.csv',
    'trans_id,item_id,store_id,date_time,quantity,change_type_id\n{1},101,1,11/3/2025 10:00,-1,1\n{2},101,1,11/3/2025 10:00,-1,9\n',
  );
  await dataset.hour();
});
afterAll(() => dataset.close());

const item = (itemId: number, name: string, safetyStockQuantity: number | null = null): ItemRow => ({
  itemId,
  name,
  supplierId: 'S',
  safetyStockQuantity,
});
const store = (storeId: number, name: string, timeZone: string | null = null): StoreRow => ({
  storeId,
  name,
  timeZone,
});

/** Whether loading this makes closed months be written again. */
async function rewrites(items: ItemRow[], stores: StoreRow[] = [], types: [number, string][] = []): Promise<boolean> {
  const { db } = dataset.pipeline;
  await query(db, 'UPDATE dataset SET names_changed = false');
  const reference = {
    items,
    stores,
    changeTypes: changeTypesFrom(new Map(types)).map((type) => ({ ...type, delivered: true })),
    onlineStoreId: 0,
    onlineBopisMovesStock: false,
  };
  await withHeldRun(dataset, (run) => loadReference(db, run, reference));
  const [row] = await query<{ names_changed: boolean }>(db, 'SELECT names_changed FROM dataset');
  return row?.names_changed === true;
}

test('closed months are written again only for what their rows show of items, stores and types with events', async () => {
  expect(await rewrites([item(101, 'Kettle')])).toBe(true);
  expect(await rewrites([item(101, 'Kettle', 7), item(102, 'no events')])).toBe(false);
  expect(await rewrites([item(101, 'Pot'), item(102, 'no events')])).toBe(true);
  expect(await rewrites([], [store(1, 'Berlin'), store(2, 'no events')])).toBe(true);
  expect(await rewrites([], [store(1, 'Berlin'), store(2, 'no events', 'Europe/Paris')])).toBe(false);
  expect(await rewrites([], [store(1, 'Berlin', 'Europe/Berlin')])).toBe(true);
  expect(await rewrites([], [], [[8, 'never used']])).toBe(false);
  expect(await rewrites([], [], [[9, 'giveaway']])).toBe(true);
  expect(await rewrites([], [], [[9, 'giveaway']])).toBe(false);
  expect(await rewrites([])).toBe(true);
});

test('a dataset that must be known is not made by its mistyped name', async () => {
  const { settings, urls, db } = dataset.pipeline;
  const mistyped = { ...settings, dataset: `${dataset.name}x` };
  await expect(openPipeline(mistyped, urls, '', { dataset: 'known' })).rejects.toMatchObject({
    code: 'ETL_INPUT',
    message: expect.stringMatching(new RegExp(`^dataset ${dataset.name}x is not known here; known: .*${dataset.name}`)),
  });
  expect(await query(db, 'SELECT FROM pg_namespace WHERE nspname = $1', [`${db.schema}x`])).toEqual([]);
  await (await openPipeline(settings, urls, '', { dataset: 'known' })).close();
});

test('verify refuses the files of another dataset with one sentence', async () => {
  const settings = { ...dataset.settings, dataset: 'another' };
  await expect(verify({ ...dataset.pipeline, settings }, () => undefined)).rejects.toMatchObject({
    code: 'ETL_OUTPUT_OWNER',
    message: expect.stringContaining(`holds the files of dataset ${dataset.name}, not of another`),
  });
});

test('a step that begins again takes back its warnings alone', async () => {
  const { db } = dataset.pipeline;
  await openRun(db, { runId: 'warned', trigger: 'hand', slot: null, covers: [] });
  const mirror = 'MongoDB is behind, a later run catches up: connection refused';
  await warnRun(db, 'warned', 'a.csv refused: its header');
  await warnRun(db, 'warned', mirror);
  await clearWarnings(db, 'warned', 'produce');
  expect(await findRun(db, 'warned')).toMatchObject({ warnings: [mirror] });
  await clearWarnings(db, 'warned', 'mirror');
  expect(await findRun(db, 'warned')).toMatchObject({ warnings: [] });
});
