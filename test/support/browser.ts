import chromium from '@sparticuz/chromium';
import { type Browser, type Page, chromium as playwright } from 'playwright-core';

/** A page of its own profile, with what it complained of and where it went. */
export type Visit = Readonly<{ page: Page; consoleErrors: string[]; requests: string[]; close(): Promise<void> }>;

export type VisitOptions = Readonly<{ width?: number; height?: number; dark?: boolean }>;

/** A browser from npm alone, without a download step (services.md). */
export async function openBrowser(): Promise<Browser> {
  return playwright.launch({ executablePath: await chromium.executablePath(), args: chromium.args, headless: true });
}

/** Opens an empty page that records errors of its console, failed loads and every request. */
export async function visit(browser: Browser, options: VisitOptions = {}): Promise<Visit> {
  const { width = 1280, height = 900, dark = false } = options;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light' });
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
