import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Papa from 'papaparse';
import { query } from '../../lib/postgres/pool.ts';
import { openBrowser, until, visit } from '../support/browser.ts';
import type { CsvRow } from '../support/dataset.ts';
import { random } from '../support/seededRandom.ts';
import { openWebFixture, type WebFixture } from '../support/webFixture.ts';
import { changes, counts } from './dataFixture.ts';

type Json = string | number | boolean | null;
type Row = Readonly<Record<string, Json>>;

const items = Array.from({ length: 10 }, (_, at) => 201 + at);
const everyDate = 'from=2026-07-01&to=2026-10-20';
let web: WebFixture;

/** The web shop and two stores over 110 dates: sales, returns, pick-ups (doubled online), restocks, shrink, counts. */
function exports(): { change: string[]; count: string[] } {
  const next = random(5);
  const upTo = (limit: number) => Math.floor(next() * limit);
  const change: string[] = [];
  const count: string[] = [];
  for (let day = 0; day < 110; day++) {
    const date = new Date(Date.UTC(2026, 6, 1 + day));
    const on = `${date.getUTCMonth() + 1}/${date.getUTCDate()}/2026`;
    for (const item of items) {
      const store = 1 + upTo(2);
      const at = `${on} ${9 + upTo(9)}:${10 + upTo(50)}`;
      const line = (of: number, units: number, type: number) =>
        change.push(`{T${day}-${upTo(40)}},${item},${of},${at},${units},${type}`);
      if (next() < 0.7) line(store, -1 - upTo(4), 1);
      if (next() < 0.2) {
        line(store, -2, 4);
        line(0, -2, 4);
      }
      if (next() < 0.1) line(0, -3, 1);
      if (next() < 0.05) line(store, 1, 1);
      if (next() < 0.15) line(store, 10 + upTo(20), 3);
      if (next() < 0.05) line(store, -1, 2);
      if (next() < 0.03) count.push(`${item},7,${store},${on} 20:00,${upTo(60)}`);
    }
  }
  return { change, count };
}

beforeAll(async () => {
  web = await openWebFixture({ COMBINED_DAYS: '0' });
  const { change, count } = exports();
  await writeFile(join(web.inputDir, 'inventory_change_n.csv'), changes(...change));
  await writeFile(join(web.inputDir, 'inventory_snapshot_n.csv'), counts(...count));
  const names = items.map((item) => `${item},"Item ${item}, ""quoted""",S${item % 3},${item % 7}\n`);
  await writeFile(
    join(web.inputDir, 'item_n.csv'),
    `item_id,name,supplier_id,safety_stock_quantity\n${names.join('')}`,
  );
  await fetch(`${web.url}/run`, { method: 'POST', headers: { Origin: web.url }, redirect: 'manual' });
  const { run_id } = await web.finishedRun(1);
  // A look between counting and publishing shows the counted state under the same run, without its forecast.
  const shown = async () => ((await (await fetch(`${web.url}/api/stores`)).json()) as { run: Row | null }).run;
  for (let run = await shown(); run?.['run_id'] !== run_id || run?.['state'] !== 'published'; run = await shown()) {
    await sleep(50);
  }
});
afterAll(async () => {
  await web?.close();
});

async function api<T>(path: string): Promise<T> {
  const answer = await fetch(`${web.url}/api/${path}`);
  expect([path, answer.status]).toEqual([path, 200]);
  return (await answer.json()) as T;
}

/** Rows of a file in the output folder, cells as the API would say them. */
function file(name: string): Row[] {
  const text = readFileSync(join(web.outputDir, name), 'utf8').replace('\ufeff', '');
  const { data } = Papa.parse<CsvRow>(text, { header: true, skipEmptyLines: true });
  return data.map((row) => Object.fromEntries(Object.entries(row).map(([column, cell]) => [column, value(cell)])));
}

const value = (cell: string): Json => (cell === '' ? null : /^-?\d+(\.\d+)?$/.test(cell) ? Number(cell) : cell);
const texts = ['supplier_id', 'employee_id', 'trans_id', 'counted'];
/** A row with the columns of another, without those that only one of two has; texts that look like numbers as such. */
const like = (row: Row, columns: Row) =>
  Object.fromEntries(
    Object.keys(columns)
      .filter((column) => column !== 'counted')
      .map((column) => [
        column,
        texts.includes(column) && row[column] !== null ? String(row[column]) : (row[column] as Json),
      ]),
  );
const of = (item: number) => (row: Row) => row.item_id === item;
const sum = (rows: readonly Row[], column: string) => rows.reduce((total, row) => total + Number(row[column]), 0);
const shown = (row: Row) => like(row, row);

test('what a person reads on the pages of ten items is what the CSVs and PostgreSQL hold', async () => {
  const browser = await openBrowser();
  try {
    const { page, consoleErrors } = await visit(browser);
    for (const item of items) {
      await page.goto(`${web.url}/item/${item}`);
      await until(page, "document.querySelector('#item-stock tbody tr') !== null");
      const heads = await page.locator('#item-stock th').allTextContents();
      const rows = await page.locator('#item-stock tbody tr').allTextContents();
      expect(rows.length).toBeGreaterThan(1);
      const cells = await page.locator('#item-stock tbody td').allTextContents();
      const read = rows.map((_, row) =>
        ['On hand', 'Safety stock', 'Next month'].map((head) => cells[row * heads.length + heads.indexOf(head)]),
      );
      const written = file('inventory_current.csv').filter(of(item));
      const said = (value: Json | undefined, digits: number) =>
        value === null || value === undefined
          ? '–'
          : Number(value).toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
      expect([item, read]).toEqual([
        item,
        written.map((row) => [
          said(row.final_quantity, 0),
          said(row.safety_stock_quantity, 0),
          said(row.forecast_next_month, 1),
        ]),
      ]);
      const kept = await query<{ final_quantity: number | null }>(
        web.pipeline.db,
        'SELECT final_quantity FROM store_item WHERE item_id = $1 ORDER BY store_id',
        [item],
      );
      expect(read.map(([onHand]) => onHand)).toEqual(kept.map(({ final_quantity }) => said(final_quantity, 0)));
    }
    expect(consoleErrors).toEqual([]);
  } finally {
    await browser.close();
  }
});

test('hours of the day are the hours of each date, added up', async () => {
  const each = await api<{ hours: Row[] }>(`sales/hourly?from=2026-08-01&to=2026-10-18`);
  const all = await api<{ hours: Row[] }>('sales/hours-of-day?from=2026-08-01&to=2026-10-18');
  expect(all.hours.length).toBeGreaterThan(10);
  for (const { store_id, hour, units_sold, transactions } of all.hours) {
    const same = each.hours.filter((row) => row.store_id === store_id && row.hour === hour);
    expect([sum(same, 'units_sold'), sum(same, 'transactions')]).toEqual([units_sold, transactions]);
  }
  expect(sum(all.hours, 'units_sold')).toBe(sum(each.hours, 'units_sold'));
});

describe('numbers of a page, of the CSVs and of PostgreSQL are equal', () => {
  test.each(items)('for item %d: stock, days, forecast and events', async (item) => {
    const { db } = web.pipeline;
    const { rows: stock } = await api<{ rows: Row[] }>(`stock?item=${item}&sort=store_id`);
    const inFile = file('inventory_current.csv').filter(of(item));
    expect(stock.map(shown)).toEqual(inFile.map((row) => like(row, stock[0] as Row)));
    const kept = 'SELECT store_id, final_quantity, delta_quantity FROM store_item WHERE item_id = $1 ORDER BY store_id';
    expect(
      stock.map(({ store_id, final_quantity, delta_quantity }) => ({ store_id, final_quantity, delta_quantity })),
    ).toEqual(await query(db, kept, [item]));

    const { days } = await api<{ days: Row[] }>(`days?item=${item}&${everyDate}`);
    expect(days.map(shown)).toEqual(
      file('sales_daily.csv')
        .filter(of(item))
        .map((row) => like(row, days[0] as Row)),
    );
    expect(days.length).toBeGreaterThan(50);
    const [sold] = await query<{ units: number }>(
      db,
      `SELECT -sum(quantity) AS units FROM inventory_event WHERE item_id = $1 AND change_type_id IN (1, 4)`,
      [item],
    );
    expect(sum(days, 'units_sold')).toBe(sold?.units);

    for (const [level, store] of [
      ['item', null],
      ['item_store', 1],
      ['item_store', 0],
    ] as const) {
      const at = store === null ? '' : `&store=${store}`;
      const { series } = await api<{ series: Row[] }>(`forecast?level=${level}&item=${item}${at}`);
      const lines = file('forecast.csv').filter(
        (row) => row.level === level && row.item_id === item && row.store_id === store,
      );
      expect(series.map(shown)).toEqual(lines.map((row) => like(row, series[0] as Row)));
      expect(series.length).toBeGreaterThan(5);
    }

    const { rows: events, has_more } = await api<{ rows: Row[]; has_more: boolean }>(
      `events?item=${item}&${everyDate}&size=500`,
    );
    expect(has_more).toBe(false);
    const byId = (a: Row, b: Row) => String(a.event_id).localeCompare(String(b.event_id));
    const combined = file('combined.csv').filter(of(item));
    expect(events.map(shown).sort(byId)).toEqual(combined.map((row) => like(row, events[0] as Row)).sort(byId));
  });

  test('where stores are added up the online half of a pick-up is left out', async () => {
    const online = (row: Row) => (row.store_id === 0 ? Number(row.units_bopis) : 0);
    const daily = file('sales_daily.csv').filter((row) => items.includes(Number(row.item_id)));
    const units = (rows: readonly Row[]) =>
      rows.reduce((total, row) => total + Number(row.units_sold) - online(row), 0);
    expect(units(daily)).toBeLessThan(sum(daily, 'units_sold'));

    const { days } = await api<{ days: Row[] }>(`sales/daily?${everyDate}`);
    expect(sum(days, 'units_sold') - sum(days, 'online_bopis')).toBe(units(daily));
    const { hours } = await api<{ hours: Row[] }>('sales/hourly?from=2026-08-01&to=2026-10-20');
    const late = daily.filter((row) => String(row.business_date) >= '2026-08-01');
    expect(sum(hours, 'units_sold') - sum(hours, 'online_bopis')).toBe(units(late));

    const { items: top, from } = await api<{ items: Row[]; from: string }>('sales/top-items?to=2026-10-18&limit=10');
    for (const { item_id, units_sold } of top) {
      const rows = daily.filter((row) => row.item_id === item_id && String(row.business_date) >= from);
      expect([item_id, units_sold]).toEqual([item_id, units(rows)]);
    }

    const { series } = await api<{ series: Row[] }>('forecast');
    const august = series.find((row) => row.month === '2026-08-01' && row.model === 'actual');
    expect(august?.units).toBe(units(daily.filter((row) => String(row.business_date).startsWith('2026-08'))));
  });

  test('the week of the figures above all is 7 complete dates, against the 7 before', async () => {
    const { kpis, from, to } = await api<{ kpis: (Row & { kpi: string })[]; from: string; to: string }>('kpis');
    // The fixture's own newest event is of 3 November: its date is open.
    expect([from, to]).toEqual(['2026-10-27', '2026-11-02']);
    const units = (first: string, last: string) =>
      sum(
        file('sales_daily.csv').filter(
          (row) => String(row.business_date) >= first && String(row.business_date) <= last,
        ),
        'units_sold',
      );
    const figure = (name: string) => kpis.find(({ kpi }) => kpi === name);
    expect(figure('units_sold')).toMatchObject({ value: units('2026-10-27', '2026-11-02') });
    const states = file('inventory_current.csv').map((row) => row.stock_status);
    for (const state of ['negative', 'out', 'low']) {
      expect(figure(`pairs_${state}`)).toMatchObject({ value: states.filter((one) => one === state).length });
    }
    const total = file('forecast.csv').find(
      (row) => row.level === 'total' && row.month === '2026-12-01' && row.model === 'planning',
    );
    expect(figure('forecast_next_month')).toMatchObject({ value: total?.units });
  });
});
