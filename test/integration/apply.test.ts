import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { IdentifiedEvent } from '../../lib/core/types.ts';
import { type ApplyInput, applyRun } from '../../lib/postgres/apply.ts';
import { countRun, finishRun, openRun, type Run } from '../../lib/postgres/ledger.ts';
import { storedOffsets } from '../../lib/postgres/offsets.ts';
import { query } from '../../lib/postgres/pool.ts';
import { startStep, stepDone } from '../../lib/postgres/runSteps.ts';
import { countStaged, ensureMonths, openStaging } from '../../lib/postgres/staging.ts';
import { loadDefaultReference } from '../support/countedEvents.ts';
import { openTestDataset, type TestDataset } from '../support/dataset.ts';

let dataset: TestDataset;

beforeAll(async () => {
  dataset = await openTestDataset();
  await loadDefaultReference(dataset);
});
afterAll(() => dataset.close());

const event = (itemId: number, quantity: number): IdentifiedEvent => ({
  kind: 'change',
  eventId: randomUUID(),
  storeId: 1,
  itemId,
  dateTime: '2025-11-03 10:00:00',
  quantity,
  changeTypeId: 1,
  transId: `back\\slash\ttab ${itemId}`,
  employeeId: '',
  leadingZeros: false,
});

async function staged(events: readonly IdentifiedEvent[]): Promise<number> {
  const staging = await openStaging(dataset.pipeline.db);
  await staging.write(events);
  await staging.end();
  await ensureMonths(dataset.pipeline.db, [...new Set(events.map(({ dateTime }) => dateTime.slice(0, 7)))]);
  return staging.reading;
}

async function opened(rowsRead: number): Promise<Run> {
  const { db } = dataset.pipeline;
  const opening = await openRun(db, { runId: randomUUID(), trigger: 'once', slot: null, covers: [] });
  if (!('opened' in opening)) throw new Error('another run is open');
  await countRun(db, opening.opened.run_id, { rowsRead });
  return opening.opened;
}

async function apply(run: Run, reading: number, from: bigint, to: bigint, other: Partial<ApplyInput> = {}) {
  const { db } = dataset.pipeline;
  const ranges = [{ partition: 0, from, to, lastEventId: null }];
  const attempt = other.attempt ?? (await startStep(db, run.run_seq, 'apply'));
  const stagedRows = await countStaged(db, [reading]);
  return applyRun(db, {
    runSeq: run.run_seq,
    holder: null,
    attempt,
    rows: { reading, stagedRows },
    complete: true,
    topic: 'a topic',
    ranges,
    timeZone: 'UTC',
    ...other,
  });
}

/** All that counts, as one value. */
async function state() {
  const { db } = dataset.pipeline;
  const all = async (table: string, order: string) => query(db, `SELECT * FROM ${table} ORDER BY ${order}`);
  return {
    events: await all('inventory_event', 'event_id'),
    items: await all('store_item', 'store_id, item_id'),
    days: await all('store_item_day', 'store_id, item_id, business_date'),
    hours: await all('store_hour', 'store_id, business_date, hour'),
    deltas: await all('run_delta', 'run_seq, store_id, item_id'),
    ranges: await all('run_range', 'topic, partition, from_offset'),
    offsets: await storedOffsets(db, 'a topic'),
  };
}

describe('the apply transaction', () => {
  const first = [event(101, -2), event(101, -3), event(102, 5)];

  test('makes events, totals and offsets count together', async () => {
    const run = await opened(3);
    const applied = await apply(run, await staged(first), 0n, 3n);
    expect(applied).toEqual({ rowsNew: 3, rowsDuplicate: 0, pairsChanged: 2, rebuilt: false });
    expect(await storedOffsets(dataset.pipeline.db, 'a topic')).toMatchObject([{ partition: 0, nextOffset: 3n }]);
    expect(await stepDone(dataset.pipeline.db, run.run_seq, 'apply')).toMatchObject({ rows_new: 3 });
    const { events } = await state();
    expect(events.map((row) => (row as { trans_id: string }).trans_id)).toContain('back\\slash\ttab 101');
    await finishRun(dataset.pipeline.db, run.run_id, 'succeeded', null);
  });

  test('counts the same staging once, and known events as duplicates', async () => {
    const before = await state();
    const run = await opened(5);
    const sentTwice = event(101, -1);
    const reading = await staged([...first, sentTwice, sentTwice]);
    expect(await apply(run, reading, 3n, 8n)).toMatchObject({ rowsNew: 1, rowsDuplicate: 4, pairsChanged: 1 });
    await finishRun(dataset.pipeline.db, run.run_id, 'succeeded', null);
    const between = await state();
    expect(between.events).toHaveLength(before.events.length + 1);

    const again = await opened(5);
    expect(await apply(again, reading, 8n, 11n)).toMatchObject({ rowsNew: 0, rowsDuplicate: 5, pairsChanged: 0 });
    await finishRun(dataset.pipeline.db, again.run_id, 'succeeded', null);
    const { ranges: _r, offsets: _o, ...after } = await state();
    expect(between).toMatchObject(after);
  });

  test('of a process whose offsets moved on raises ETL_STALE and changes nothing', async () => {
    const before = await state();
    const run = await opened(1);
    const reading = await staged([event(103, -9)]);
    for (const [from, to] of [
      [3n, 12n],
      [12n, 13n],
    ] as const) {
      await expect(apply(run, reading, from, to)).rejects.toMatchObject({ code: 'ETL_STALE', retryable: false });
    }
    expect(await state()).toEqual(before);
    expect(await stepDone(dataset.pipeline.db, run.run_seq, 'apply')).toBeUndefined();
    const [row] = await query<{ applied_at: Date | null }>(
      dataset.pipeline.db,
      'SELECT applied_at FROM run WHERE run_id = $1',
      [run.run_id],
    );
    expect(row).toEqual({ applied_at: null });
    await finishRun(dataset.pipeline.db, run.run_id, 'failed', 'stale');
  });

  test('done twice at once for one run counts once, and both are told the same', async () => {
    const run = await opened(1);
    const reading = await staged([event(104, -9)]);
    const attempts = [await startStep(dataset.pipeline.db, run.run_seq, 'apply')];
    attempts.push(await startStep(dataset.pipeline.db, run.run_seq, 'apply'));
    const results = await Promise.all(attempts.map((attempt) => apply(run, reading, 11n, 12n, { attempt })));
    const once = { rowsNew: 1, rowsDuplicate: 0, pairsChanged: 1, rebuilt: false };
    expect(results).toEqual([once, once]);
    const { items } = await state();
    expect(items).toContainEqual(expect.objectContaining({ item_id: 104, delta_quantity: -9 }));
    await finishRun(dataset.pipeline.db, run.run_id, 'succeeded', null);
  });

  test('of several rounds of one run adds up, also when the rules change between them', async () => {
    const { db } = dataset.pipeline;
    const run = await opened(4);
    const rounds = { attempt: null };
    await apply(run, await staged([event(105, -2), event(106, 0)]), 12n, 14n, rounds);
    await query(db, `UPDATE change_type SET role = 'other' WHERE change_type_id = 1`);
    const second = await apply(run, await staged([event(105, -3), event(107, -1)]), 14n, 16n, rounds);
    expect(second).toMatchObject({ rowsNew: 4, rebuilt: true });
    const deltas = await query(
      db,
      'SELECT item_id::int, delta_quantity::int FROM run_delta WHERE run_seq = $1 AND delta_quantity IS NOT NULL ORDER BY 1',
      [run.run_seq],
    );
    expect(deltas).toEqual([
      { item_id: 105, delta_quantity: -5 },
      { item_id: 106, delta_quantity: 0 },
      { item_id: 107, delta_quantity: -1 },
    ]);
    const ranges = await query(db, 'SELECT from_offset::int, to_offset::int FROM run_range WHERE run_seq = $1', [
      run.run_seq,
    ]);
    expect(ranges).toEqual([{ from_offset: 12, to_offset: 16 }]);
    const findings = await query(db, `SELECT count::int FROM quality_finding WHERE rule = 'zero_change'`);
    expect(findings).toEqual([{ count: 1 }]);
    await finishRun(db, run.run_id, 'succeeded', null);
  });

  test('of a run that another took over, or whose staged rows are gone, changes nothing', async () => {
    const { db } = dataset.pipeline;
    const run = await opened(1);
    const reading = await staged([event(1, -1)]);
    const before = await state();
    await expect(apply(run, reading, 0n, 1n, { topic: 'of its own', holder: 'somebody#else' })).rejects.toMatchObject({
      code: 'ETL_STALE',
    });
    await query(db, 'TRUNCATE staging_event');
    const lost = apply(run, reading, 0n, 1n, { topic: 'of its own', rows: { reading, stagedRows: 1 } });
    await expect(lost).rejects.toMatchObject({ code: 'ETL_PG', retryable: true });
    expect(await state()).toEqual(before);
    await finishRun(db, run.run_id, 'failed', 'the test is over');
  });
});

test('several processes that meet new months at the same moment all find a place for them', async () => {
  const { db } = dataset.pipeline;
  for (let year = 2030; year < 2036; year += 1) {
    const months = Array.from({ length: 12 }, (_, at) => `${year}-${String(at + 1).padStart(2, '0')}`);
    await Promise.all(Array.from({ length: 5 }, () => ensureMonths(db, months)));
  }
  const [made] = await query<{ count: number }>(
    db,
    "SELECT count(*) FROM pg_inherits WHERE inhparent = 'inventory_event'::regclass AND inhrelid::regclass::text ~ '_203[0-5]_'",
  );
  expect(Number(made?.count)).toBe(72);
});
