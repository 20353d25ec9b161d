import { setTimeout as sleep } from 'node:timers/promises';
import chromium from '@sparticuz/chromium';
import { type Browser, type Page, chromium as playwright } from 'playwright-core';

/** A page of its own profile, with what it complained of and where it went. */
export type Visit = Readonly<{ page: Page; consoleErrors: string[]; requests: string[]; close(): Promise<void> }>;

export type VisitOptions = Readonly<{ width?: number; height?: number; dark?: boolean }>;

/** Arguments made for cloud functions: one process dies with its first context, and ours is to guard as users' do. */
const unwanted = ['--single-process', '--disable-web-security', '--allow-running-insecure-content'];
const actionPatienceMs = 15_000;

/** A browser from npm alone, without a download step (services.md). */
export async function openBrowser(): Promise<Browser> {
  const args = chromium.args.filter((arg) => !unwanted.includes(arg));
  return playwright.launch({ executablePath: await chromium.executablePath(), args, headless: true });
}

/** Opens an empty page that records errors of its console, failed loads and every request. */
export async function visit(browser: Browser, options: VisitOptions = {}): Promise<Visit> {
  const { width = 1280, height = 900, dark = false } = options;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light' });
  context.setDefaultTimeout(actionPatienceMs);
  const page = await context.newPage();
  const consoleErrors: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') consoleErrors.push(message.text());
  });
  page.on('pageerror', (error) => consoleErrors.push(error.message));
  page.on('request', (request) => requests.push(request.url()));
  return { page, consoleErrors, requests, close: () => context.close() };
}

/** Opens pages of one server in a browser, and closes all that were opened. */
export function visitor(browser: () => Browser, url: () => string) {
  let visits: Visit[] = [];
  return {
    async open(path: string, options: VisitOptions = {}): Promise<Visit> {
      const opened = await visit(browser(), options);
      visits.push(opened);
      await opened.page.goto(url() + path);
      return opened;
    },
    async closeAll(): Promise<void> {
      await Promise.all(visits.map(({ close }) => close()));
      visits = [];
    },
  };
}

/** Until an expression holds in the page. By the debugger: the pages' own policy lets no text be run as code. */
export async function until(page: Page, expression: string): Promise<void> {
  const end = Date.now() + actionPatienceMs;
  while (!(await page.evaluate(expression))) {
    if (Date.now() > end) throw new Error(`not so in time: ${expression}`);
    await sleep(50);
  }
}
