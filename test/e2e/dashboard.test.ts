import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { seriousFindings } from '../support/accessibility.ts';
import { openBrowser, until, type Visit, visitor } from '../support/browser.ts';
import { openWebFixture, type WebFixture } from '../support/webFixture.ts';
import { changes } from './dataFixture.ts';

let web: WebFixture;
let browser: Browser;
const { open, closeAll } = visitor(
  () => browser,
  () => web.url,
);

/** Two stores with 30 days of sales; item 102 falls below its safety stock, which is 20. */
const sales = Array.from({ length: 31 }, (_, at) => {
  const day = at + 1;
  return `{s${at}},${at % 3 === 0 ? 102 : 101},${at % 2 === 0 ? 1 : 2},10/${day}/2026 ${9 + (at % 8)}:15,-1,1`;
});

beforeAll(async () => {
  web = await openWebFixture();
  await writeFile(join(web.inputDir, 'store.csv'), 'store_id,name\n0,online\n1,North\n2,South\n');
  await writeFile(join(web.inputDir, 'inventory_change_store001.csv'), changes(...sales));
  browser = await openBrowser();
});
afterEach(closeAll);
afterAll(async () => {
  await browser?.close();
  await web?.close();
});

/** Until every section stands and every chart is drawn. */
async function whole(page: Page): Promise<void> {
  await until(
    page,
    `document.querySelectorAll('[aria-busy]').length === 0 && document.querySelector('#freshness a') !== null &&
     [...document.querySelectorAll('.chart')].every((chart) => chart.hidden || chart.querySelector('svg'))`,
  );
}

async function startRun(): Promise<void> {
  await fetch(`${web.url}/run`, { method: 'POST', headers: { Origin: web.url }, redirect: 'manual' });
}

/** What no page may have: complaints of the console, and requests off this server. */
function faults({ consoleErrors, requests }: Visit): string[] {
  return [...consoleErrors, ...requests.filter((url) => !url.startsWith(`${web.url}/`))];
}

test('before the first run the dashboard says so, and fills itself when that has published', async () => {
  const opened = await open('/');
  const { page } = opened;
  await page.getByRole('heading', { name: 'No data yet' }).waitFor();
  await startRun();
  const { run_id, status } = await web.finishedRun(1);
  expect(status).toBe('succeeded');
  await page.locator('#freshness a', { hasText: run_id }).waitFor();
  await whole(page);
  expect(await page.locator('[data-kpi=units_sold] .kpi-value').textContent()).toMatch(/^\d+$/);
  expect(faults(opened)).toEqual([]);
});

describe('after a run', () => {
  test('the dashboard shows each of its parts, with a table beside each chart, and no section failed', async () => {
    const opened = await open('/');
    const { page } = opened;
    await whole(page);
    expect(await page.locator('.slots > section > h2').allTextContents()).toEqual([
      'What needs a person: low stock',
      'Sales per store and day',
      'Sales per store and hour',
      'Items that sell most',
      'Forecast with its band',
      'The 20 lowest and their activity',
      'History of transactions',
      'How far to trust the forecast',
      'Past forecasts against what came',
      'Latency of batches',
      'Data quality',
    ]);
    expect(await page.locator('.note.bad').count()).toBe(0);
    const charts = await page.locator('.chart').count();
    expect(charts).toBeGreaterThan(5);
    for (const button of await page.locator('.picture .switch').all()) await button.click();
    expect(await page.locator('.picture table').count()).toBe(charts);
    expect(faults(opened)).toEqual([]);
  });

  test('stores, dates, statuses, search and sorting are in the URL, and a copied URL shows the same', async () => {
    const { page } = await open('/');
    await whole(page);
    await page.locator('#filters summary').click();
    await page.getByLabel('South', { exact: true }).check();
    await page.waitForURL(/stores=2/);
    await whole(page);
    await page.getByRole('button', { name: '56 days' }).click();
    await page.waitForURL(/from=2026-09-07&to=2026-11-01/);
    const stock = page.locator('#low-stock');
    await stock.getByRole('button', { name: 'ok', exact: true }).click();
    await stock.getByRole('button', { name: 'unknown' }).click();
    await page.waitForURL(/status=all/);
    await stock.getByRole('searchbox').fill('101');
    await page.waitForURL(/q=101/);
    await stock.getByRole('button', { name: 'On hand' }).click();
    await page.waitForURL(/sort=final_quantity/);
    await whole(page);
    const rows = await stock.locator('tbody tr').allTextContents();
    expect(rows).toHaveLength(1);
    expect(rows[0]).toContain('KettleSouth');
    const copied = await open(new URL(page.url()).pathname + new URL(page.url()).search);
    await whole(copied.page);
    expect(await copied.page.locator('#low-stock tbody tr').allTextContents()).toEqual(rows);
    expect(await copied.page.locator('#low-stock th[aria-sort]').textContent()).toContain('On hand');
    await page.goBack();
    await page.waitForURL((url) => !url.search.includes('sort='));
    await whole(page);
    expect(await page.locator('#low-stock th[aria-sort]').textContent()).toContain('Rank');
  });

  test('the filtered rows are a download of exactly these rows', async () => {
    const { page } = await open('/?stores=1&status=all&q=Mug');
    await whole(page);
    const href = await page.locator('a.download').getAttribute('href');
    const text = await (await page.request.get(web.url + href)).text();
    expect(text.trimEnd().split('\n')).toHaveLength(2);
    expect(text).toContain('"Mug <b>""blue""</b>"');
  });

  test('a name with markup in it is text', async () => {
    const { page } = await open('/?q=Mug&status=all');
    await whole(page);
    expect(await page.locator('#low-stock tbody a').first().textContent()).toBe('Mug <b>"blue"</b>');
    expect(await page.locator('#low-stock td b').count()).toBe(0);
  });

  test('keys search for an item, go through dates, and tell of themselves', async () => {
    const opened = await open('/?from=2026-10-15&to=2026-10-28');
    const { page } = opened;
    await whole(page);
    await page.keyboard.press('ArrowLeft');
    await page.waitForURL(/from=2026-10-01&to=2026-10-14/);
    await page.keyboard.press(']');
    await page.waitForURL(/from=2026-10-15&to=2026-10-28/);
    await page.keyboard.press('?');
    expect(await page.getByRole('dialog').textContent()).toContain('search for an item');
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    await page.keyboard.type('kett');
    await page.locator('#found a').waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/item\/101/);
    await whole(page);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Kettle');
    expect(faults(opened)).toEqual([]);
  });

  test('an item page ties its stock, days, forecast and transactions together', async () => {
    const opened = await open('/item/102');
    const { page } = opened;
    await whole(page);
    expect(await page.locator('#item-stock tbody tr').count()).toBe(2);
    await page
      .locator('#quantity')
      .getByRole('button', { name: /^as a table/ })
      .click();
    expect(await page.locator('#quantity tbody tr').count()).toBeGreaterThan(0);
    const events = page.locator('#transactions');
    await events.getByRole('button', { name: 'inventory report' }).click();
    await page.waitForURL(/actions=inventory/);
    await whole(page);
    expect(await events.locator('tbody tr').allTextContents()).toEqual([expect.stringContaining('inventory report')]);
    expect(faults(opened)).toEqual([]);
  });

  test('a store page has its figures alone', async () => {
    const opened = await open('/store/2?status=all');
    const { page } = opened;
    await whole(page);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('South');
    expect(await page.locator('#low-stock tbody tr').count()).toBe(2);
    expect(faults(opened)).toEqual([]);
  });

  test.each(['/item/x', '/item/1.5', '/store/99999999999999999999'])('%s is no page', async (path) => {
    expect((await fetch(web.url + path)).status).toBe(404);
  });

  test.each([
    ['/', 'light', 1280],
    ['/', 'dark', 360],
    ['/item/101', 'dark', 1280],
    ['/store/1', 'light', 360],
  ] as const)(
    '%s in %s at %d px has no serious finding by axe and nothing off its width',
    async (path, look, width) => {
      const opened = await open(path, { width, dark: look === 'dark' });
      await whole(opened.page);
      expect(await seriousFindings(opened.page)).toEqual([]);
      expect(await opened.page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      expect(faults(opened)).toEqual([]);
    },
  );

  test('the theme can be chosen, is kept, and charts follow it', async () => {
    const { page } = await open('/', { width: 1920 });
    await whole(page);
    const ink = () => page.locator('#sales-daily .chart svg text').first().getAttribute('fill');
    const light = await ink();
    await page.keyboard.press('d');
    await page.keyboard.press('d');
    await until(page, "document.documentElement.dataset.theme === 'dark'");
    await until(page, `document.querySelector('#sales-daily .chart svg text')?.getAttribute('fill') !== '${light}'`);
    await page.reload();
    expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('dark');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(1920);
  });

  test('figures older than two periods are told in red and in words', async () => {
    const { page } = await open('/');
    await whole(page);
    expect(await page.locator('.stale').count()).toBe(0);
    await page.clock.setFixedTime(new Date(Date.now() + 3 * 3_600_000));
    await page.reload();
    await page.locator('.stale', { hasText: '3 hours ago – older than two periods' }).waitFor();
  });

  test('eight tabs of one browser load and are all renewed by one stream: a browser has six connections in all', async () => {
    const { page } = await open('/item/101');
    const tabs = [page];
    for (let tab = 1; tab < 8; tab += 1) {
      const next = await page.context().newPage();
      await next.goto(`${web.url}/item/10${1 + (tab % 2)}`);
      tabs.push(next);
    }
    for (const tab of tabs) await whole(tab);
    // The tab that listened for all is closed: another takes over.
    await tabs.shift()?.close();
    const before = (await web.runs()).length;
    await startRun();
    const { run_id } = await web.finishedRun(before + 1);
    for (const tab of tabs) await tab.locator('#freshness a', { hasText: run_id }).waitFor();
  });

  test('a run that publishes renews open pages without a reload, and leaves focus and URL where they were', async () => {
    const [first, second] = [await open('/?stores=1&status=all'), await open('/item/101')];
    await whole(first.page);
    await whole(second.page);
    await first.page.locator('#low-stock').getByRole('searchbox').focus();
    await first.page.evaluate("window.sameDocument = 'yes'");
    const before = (await web.runs()).length;
    await appendFile(join(web.inputDir, 'inventory_change_store001.csv'), '{new},101,1,10/31/2026 20:00,-7,1\n');
    await startRun();
    const { run_id, status } = await web.finishedRun(before + 1);
    expect(status).toBe('succeeded');
    for (const { page } of [first, second]) {
      await page.locator('#freshness a', { hasText: run_id }).waitFor();
      await page.getByText('A run has published').waitFor({ state: 'attached' });
    }
    await second.page.locator('#transactions tbody tr', { hasText: '2026-10-31 20:00:00' }).waitFor();
    expect(await first.page.evaluate('window.sameDocument')).toBe('yes');
    expect(await first.page.evaluate("document.activeElement.closest('#low-stock') !== null")).toBe(true);
    expect(new URL(first.page.url()).search).toBe('?stores=1&status=all');
    expect([...faults(first), ...faults(second)]).toEqual([]);
  });
});
