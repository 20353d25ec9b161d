import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { withDataset } from '../e2e/dataFixture.ts';
import { type HalfRunReader, startHalfRunReader } from '../support/halfRunReader.ts';
import { check } from '../torture/check.ts';
import { seeded } from '../torture/random.ts';
import { openStores } from '../torture/stores.ts';
import { torture } from '../torture/torture.ts';

const startMs = Date.UTC(2026, 0, 5);

test('a seeded slice of the torture: fail points, a killed server and killed processes lose and double nothing', async () => {
  const said: string[] = [];
  const options = { seed: 20, kills: 6, lanes: 3, slow: false };
  const result = await torture(options, (line) => said.push(line), new AbortController().signal);
  expect(result.score.failed().map((round) => round.problems)).toEqual([]);
  expect(result).toMatchObject({ ok: true, stopped: false });
  expect(result.score.summary()).toMatchObject({ kills: 6, survived: 6, lost: 0, double: 0, half_runs: 0 });
  expect(result.score.summary().polls).toBeGreaterThan(0);
}, 300_000);

test('the check of the torture agrees with undisturbed hours and sees each thing that is wrong', async () => {
  await withDataset({ COMBINED_DAYS: '31' }, async (dataset) => {
    const stores = openStores(dirname(dataset.inputDir), seeded(5), startMs);
    expect(stores.inputDir).toBe(dataset.inputDir);
    const { pool } = dataset.pipeline.db;
    const { mongodbUrl, postgresUrl } = dataset.pipeline.urls;
    const place = { db: pool, mongodbUrl, name: dataset.name, outputDir: dataset.outputDir, stores };
    const reader = startHalfRunReader(postgresUrl, `tillcast_${dataset.name}`, dataset.outputDir, 20);
    try {
      for (let hour = 0; hour < 6; hour += 1) {
        stores.deliver(true);
        await dataset.hour();
      }
      expect(stores.rejects().size).toBeGreaterThan(0);
      expect(await check(place)).toMatchObject({ lost: 0, double: 0, differences: [] });
      const seenBefore = reader.polls();
      await until(() => reader.polls() > seenBefore + 4);
      expect(reader.halfRuns).toEqual([]);

      await spoil(place);
      const { lost, double, differences } = await check(place);
      expect({ lost, double }).toEqual({ lost: 1, double: 1 });
      const kinds = [
        /^lost: /,
        /^counted twice/,
        /^store_item /,
        /^rejected_row /,
        /^the ledger says /,
        /^offsets of .* do not tile/,
        /^MongoDB store_item /,
        /^MongoDB run_delta /,
        /^delta_quantity\.csv row /,
        /^combined: /,
        /^run_info\.csv says publishing/,
      ];
      expect(kinds.filter((kind) => !differences.some((found) => kind.test(found)))).toEqual([]);
      await until(() => sights(reader).size === 2);
    } finally {
      await reader.stop();
    }
  });
});

/** One wrong thing of each kind. */
async function spoil({ db, mongodbUrl, name, outputDir }: Parameters<typeof check>[0]): Promise<void> {
  await db.query(`
    WITH victim AS (DELETE FROM inventory_event WHERE (store_id, item_id, date_time, event_id) IN
      (SELECT store_id, item_id, date_time, event_id FROM inventory_event WHERE NOT is_count LIMIT 1) RETURNING 1)
    SELECT count(*) FROM victim`);
  await db.query(`
    INSERT INTO inventory_event SELECT store_id, item_id, date_time, gen_random_uuid(), change_type_id, quantity, run_seq,
      is_count, trans_id, employee_id FROM inventory_event WHERE NOT is_count LIMIT 1`);
  await db.query('UPDATE store_item SET final_quantity = coalesce(final_quantity, 0) + 1, delta_quantity = 77777');
  await db.query('DELETE FROM rejected_row WHERE rejected_id = (SELECT min(rejected_id) FROM rejected_row)');
  await db.query('UPDATE run SET rows_new = rows_new + 1 WHERE run_seq = 1');
  await db.query('UPDATE run_range SET from_offset = from_offset + 1 WHERE from_offset = 0');
  const mongo = new MongoClient(mongodbUrl);
  try {
    const one = async (collection: string) => mongo.db(`tillcast_${name}`).collection(collection).findOne();
    for (const collection of ['store_item', 'run_delta']) {
      const document = await one(collection);
      const filter = { _id: document?._id ?? ('' as never) };
      await mongo
        .db(`tillcast_${name}`)
        .collection(collection)
        .updateOne(filter, { $set: { delta_quantity: 99_999 } });
    }
  } finally {
    await mongo.close();
  }
  const edit = (file: string, change: (text: string) => string) => {
    const path = join(outputDir, file);
    const before = readFileSync(path, 'utf8');
    const after = change(before);
    expect([file, after !== before]).toEqual([file, true]);
    writeFileSync(path, after);
  };
  edit('delta_quantity.csv', (text) => text.replace(/\n(\d+),(\d+),-?\d+,/, '\n$1,$2,4242,'));
  // Another run's file beside a complete run_info.csv, until that says otherwise.
  edit('dim_item.csv', (text) => text.replace(/,[^,\n]+-once,/g, ',20200101T000000Z-once,'));
  await sleep(200);
  edit('combined.csv', (text) => text.replace(/,snapshot_w_change,/, ',change_only,'));
  edit('run_info.csv', (text) => text.replace(',complete,', ',publishing,'));
  expect(existsSync(join(outputDir, 'archive'))).toBe(true);
}

/** The sorts of half-runs that the reader saw. */
function sights(reader: HalfRunReader): Set<string> {
  return new Set(reader.halfRuns.map((sight) => sight.split(' ')[0] ?? ''));
}

async function until(done: () => boolean): Promise<void> {
  for (const end = Date.now() + 30_000; !done(); await sleep(20)) {
    if (Date.now() > end) throw new Error('waited in vain for 30 s');
  }
}
