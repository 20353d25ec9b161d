import type { Page } from 'playwright-core';
import { openBrowser, until, visit } from '../../../test/support/browser.ts';
import type { WebProcess } from './webProcess.ts';

/** Milliseconds that a person waits, in a real browser with nothing kept. */
export type BrowserTimes = Readonly<{
  /** From the address to the first paint, to the first figures, and until every chart stands; a row a visit. */
  opened: readonly Readonly<{ page: string; firstPaint: number; figures: number; whole: number }>[];
  /** From the press to all answers in place. */
  filters: readonly Readonly<{ filter: string; ms: number }>[];
}>;

const settled = `document.querySelectorAll('[aria-busy]').length === 0 && document.querySelector('#freshness a') !== null &&
  [...document.querySelectorAll('.chart')].every((chart) => chart.hidden || chart.querySelector('svg'))`;

/** What a person presses on the dashboard, by name. */
const presses: readonly (readonly [string, (page: Page) => Promise<unknown>])[] = [
  ['one store', (page) => page.locator('#filters .menu input').nth(3).dispatchEvent('click')],
  ['all stores', (page) => page.locator('#filters .menu button').dispatchEvent('click')],
  ['92 days', (page) => page.getByRole('button', { name: '92 days' }).click()],
  ['the 92 days before', (page) => page.getByRole('button', { name: 'Earlier dates' }).click()],
  [
    'low stock: pairs that were never counted, too',
    (page) => page.locator('#low-stock').getByRole('button', { name: 'unknown' }).click(),
  ],
  [
    'low stock: sorted by stock on hand',
    (page) => page.locator('#low-stock').getByRole('button', { name: 'On hand' }).click(),
  ],
  ['low stock: next page', (page) => page.locator('#low-stock').getByRole('button', { name: 'Next ›' }).click()],
  [
    'transactions: sales alone',
    (page) => page.locator('#transactions').getByRole('button', { name: 'sale', exact: true }).click(),
  ],
];

export async function browserTimes(web: WebProcess): Promise<BrowserTimes> {
  const browser = await openBrowser();
  try {
    const { rows } = JSON.parse((await web.ask('/api/lowest?limit=1')).text) as {
      rows: { item_id: number; store_id: number }[];
    };
    const { item_id: item, store_id: store } = rows[0] ?? { item_id: 1, store_id: 1 };
    const opened = [];
    for (const path of ['/', '/', '/', `/item/${item}`, `/store/${store}`, '/runs']) {
      const { page, close } = await visit(browser);
      const from = performance.now();
      await page.goto(web.url + path);
      if (path !== '/runs')
        await until(page, "document.querySelector('.kpi-value, #item-stock td, #low-stock td') !== null");
      const figures = performance.now() - from;
      await until(page, path === '/runs' ? 'true' : settled);
      const whole = performance.now() - from;
      const paint = await page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0");
      opened.push({ page: path.replace(/\d+/, 'ID'), firstPaint: Number(paint), figures, whole });
      await close();
    }
    const { page, close } = await visit(browser);
    await page.goto(`${web.url}/`);
    await until(page, settled);
    const filters = [];
    for (const [filter, press] of presses) {
      const from = performance.now();
      await press(page);
      await until(page, settled);
      filters.push({ filter, ms: performance.now() - from });
    }
    await close();
    return { opened, filters };
  } finally {
    await browser.close();
  }
}
