import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { replay } from '../../jobs/replay.ts';
import { dropDataset } from '../../lib/postgres/migrate.ts';
import { query } from '../../lib/postgres/pool.ts';
import { ensureMonths } from '../../lib/postgres/staging.ts';
import { events } from '../../lib/postgres/view/items.ts';
import type { Views } from '../../lib/postgres/view/openViews.ts';
import type { PublishedView } from '../../lib/postgres/view/publishedView.ts';
import { dailySales } from '../../lib/postgres/view/sales.ts';
import { stockPage } from '../../lib/postgres/view/stock.ts';
import { changes } from '../e2e/dataFixture.ts';
import { openTestDataset, type TestDataset } from '../support/dataset.ts';
import { openProxy } from '../support/tcpProxy.ts';
import { halfRun, openTestViews, viewOf } from '../support/viewFixture.ts';

const dates = { from: '2025-03-01', to: '2025-04-30' };
const everything = { stores: null, statuses: null, item: null, text: null };
const byRank = { sort: 'low_stock_rank', descending: false } as const;
let dataset: TestDataset;
let first: string;
const closing: (() => Promise<void>)[] = [];

beforeEach(async () => {
  dataset = await openTestDataset();
  dataset.write('inventory_change_1.csv', changes('{a},101,1,3/3/2025 9:00,-2,1', '{b},102,1,3/4/2025 9:00,-1,1'));
  first = (await dataset.hour()).run_id;
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await dataset.close();
});

function open(url?: string): Views {
  const opened = openTestViews(dataset, url);
  closing.push(opened.close);
  return opened.views;
}

/** The same units by three ways: the view's own table, a maintained table, and the events. */
async function seen(view: PublishedView) {
  const stock = await stockPage(view, everything, byRank, 1, 50);
  const days = (await dailySales(view, null, dates)) as { units_sold: number }[];
  const filter = { item: null, stores: null, actions: null, transaction: null };
  const { rows } = await events(view, 'UTC', filter, dates, { descending: false, page: 1, size: 50 });
  return {
    changed: stock.rows.reduce((sum, row) => sum - Number(row.delta_quantity), 0),
    sold: days.reduce((sum, row) => sum + row.units_sold, 0),
    moved: rows.reduce((sum, row) => sum - Number(row.quantity), 0),
  };
}
const of = (units: number) => ({ changed: units, sold: units, moved: units });
const more = () => dataset.write('inventory_change_2.csv', changes('{c},101,1,4/1/2025 9:00,-5,1'));

describe('the published view', () => {
  test('stays the published state while a run counts more, and is the new one once that has published', async () => {
    const views = open();
    const before = await viewOf(views, first);
    expect(await seen(before)).toEqual(of(3));
    more();
    const second = await halfRun(dataset, async () => {
      await sleep(1_300);
      const still = await views.current();
      expect([still?.runId, still?.state]).toEqual([first, 'published']);
      expect(await seen(still as PublishedView)).toEqual(of(3));
      return undefined;
    });
    const after = await viewOf(views, second);
    expect(await seen(after)).toEqual(of(8));
    // Who began to read the view before ends with it.
    expect(await seen(before)).toEqual(of(3));
  });

  test('is taken over from the publication itself where the next run counts rows before anybody looks', async () => {
    more();
    await halfRun(dataset, async () => {
      const view = await viewOf(open(), first);
      expect(await seen(view)).toEqual(of(3));
      return 'unpublished';
    });
  });

  test('is the counted state, and says so, where no published one is left; a publication ends that', async () => {
    more();
    const views = { now: undefined as Views | undefined };
    const second = await halfRun(dataset, async (runId) => {
      await query(dataset.pipeline.db, `UPDATE run_step SET detail = '{}' WHERE step = 'publish'`);
      views.now = open();
      const view = await viewOf(views.now, runId, 'counted');
      expect([view.publishedAt, await seen(view)]).toEqual([null, of(8)]);
      return undefined;
    });
    expect(await seen(await viewOf(views.now as Views, second))).toEqual(of(8));
  });

  test('holds no lock between two reads, and busy readers fail neither a new month nor each other', async () => {
    const view = await viewOf(open(), first);
    await seen(view);
    const locks = await query(
      dataset.pipeline.db,
      `SELECT relation::regclass::text AS name FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
       WHERE c.relnamespace = current_schema()::regnamespace AND l.pid <> pg_backend_pid()`,
    );
    expect(locks).toEqual([]);
    let reading = true;
    let reads = 0;
    const readers = Array.from({ length: 4 }, async () => {
      while (reading) {
        expect(await seen(view)).toEqual(of(3));
        reads += 1;
      }
    });
    for (const month of ['2031-01', '2031-02', '2031-03', '2031-04', '2031-05']) {
      await ensureMonths(dataset.pipeline.db, [month]);
      await sleep(50);
    }
    reading = false;
    await Promise.all(readers);
    expect(reads).toBeGreaterThan(4);
  });

  test('gives way to a writer that has a table for itself, and reads when that is done', async () => {
    const view = await viewOf(open(), first);
    const writer = await dataset.pipeline.db.pool.connect();
    await writer.query('BEGIN; LOCK TABLE inventory_event IN ACCESS EXCLUSIVE MODE');
    const reading = seen(view);
    await sleep(700);
    await writer.query('COMMIT');
    writer.release();
    expect(await reading).toEqual(of(3));
  });

  test('never shows tables that a rebuild has emptied under it', async () => {
    const views = open();
    const view = await viewOf(views, first);
    await dataset.pipeline.db.pool.query(
      `CREATE TABLE kept AS SELECT * FROM store_item; TRUNCATE store_item; INSERT INTO store_item SELECT * FROM kept`,
    );
    await expect(dailySales(view, null, dates)).rejects.toMatchObject({ code: 'ETL_PG', retryable: true });
    const anew = await views.current();
    expect(anew?.number).toBeGreaterThan(view.number);
    expect(await seen(anew as PublishedView)).toEqual(of(3));
  });

  test('goes from one whole state to the next while a replay swaps everything', async () => {
    const views = open();
    await viewOf(views, first);
    let reading = true;
    const told = new Set<string>();
    const reader = (async () => {
      while (reading) {
        const view = await views.current();
        if (view === undefined) continue;
        const figures = await seen(view).catch((error: { retryable?: boolean }) => {
          expect(error).toMatchObject({ retryable: true });
        });
        if (figures !== undefined) told.add(JSON.stringify(figures));
      }
    })();
    await sleep(1_000);
    const { run_id } = await replay(dataset.pipeline, { source: 'files', anyway: false }, () => undefined);
    await viewOf(views, run_id);
    reading = false;
    await reader;
    expect([...told]).toEqual([JSON.stringify(of(3))]);
  });

  test('does not keep a dataset from being forgotten', async () => {
    const views = open();
    await viewOf(views, first);
    await dropDataset(dataset.pipeline.db);
    await sleep(1_100);
    await expect(views.current()).rejects.toMatchObject({ code: 'ETL_PG', retryable: true });
  });

  test('is opened anew when its connections are lost; while PostgreSQL is away there is none', async () => {
    const proxy = await openProxy(dataset.pipeline.urls.postgresUrl);
    closing.push(() => proxy.close());
    const views = open(proxy.through(dataset.pipeline.urls.postgresUrl));
    const view = await viewOf(views, first);
    proxy.cutNow();
    await sleep(50);
    expect(view.alive()).toBe(false);
    const anew = await views.current();
    expect(anew?.number).toBeGreaterThan(view.number);
    await proxy.cutOff();
    await sleep(50);
    await expect(views.current()).rejects.toMatchObject({ code: 'ETL_PG', retryable: true });
    await proxy.restore();
    expect(await seen((await views.current()) as PublishedView)).toEqual(of(3));
  });
});
