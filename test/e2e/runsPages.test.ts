import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { startAlerts } from '../../jobs/alerts.ts';
import { seriousFindings } from '../support/accessibility.ts';
import { differences } from '../support/apiSchema.ts';
import { openBrowser, until, visitor } from '../support/browser.ts';
import { insideOneHour } from '../support/hourEnd.ts';
import { openWebFixture, type WebFixture } from '../support/webFixture.ts';

let web: WebFixture;
let browser: Browser;
let receiver: Server;
const { open, closeAll } = visitor(
  () => browser,
  () => web.url,
);
const received: { text: string; kind: string; run_id: string | null; url: string | null }[] = [];
let answerWith = 200;

beforeAll(async () => {
  // Runs are told by their hour, in all tests of this file.
  await insideOneHour(60_000);
  receiver = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on('end', () => {
      if (answerWith === 200) received.push(JSON.parse(text));
      response.writeHead(answerWith).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const { port } = receiver.address() as AddressInfo;
  const env = { ALERT_WEBHOOK: `http://127.0.0.1:${port}/secret-hook`, ALERT_ABSENCE_PERIODS: '3' };
  web = await openWebFixture(env, new Date(Date.now() + 3_600_000));
  browser = await openBrowser();
});
afterEach(closeAll);
afterAll(async () => {
  await browser?.close();
  receiver?.closeAllConnections();
  receiver?.close();
  await web?.close();
});

const query = (text: string, values: unknown[] = []) => web.pipeline.db.pool.query(text, values);

async function call(path: string, body?: object): Promise<{ status: number; body: Record<string, never> }> {
  const post = body && {
    method: 'POST',
    headers: { Origin: web.url, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  };
  const answer = await fetch(`${web.url}/api${path}`, post);
  const made = (await answer.json()) as Record<string, never>;
  const documented = `/api${path.split('?')[0]}`.replace(/\/runs\/(?!grid)[^/]+/, '/runs/{run_id}');
  const type = answer.headers.get('content-type') ?? '';
  const wrong = differences(documented, answer.status, type, made, body === undefined ? 'get' : 'post');
  expect([path, wrong]).toEqual([path, undefined]);
  return { status: answer.status, body: made };
}

/** The run of a slot so many hours before the present one; times in seconds after the slot. */
async function pastRun(
  hoursAgo: number,
  status: string,
  more: { reason?: string; opened?: number; attempts?: number } = {},
) {
  const slot = new Date(Math.floor(Date.now() / 3_600_000 - hoursAgo) * 3_600_000);
  const runId = `${slot.toISOString().slice(0, 16).replace(/[-:]/g, '')}Z`;
  await query(
    `INSERT INTO run (run_id, trigger, slot, covers, status, reason, opened_at, finished_at)
     VALUES ($1, 'clock', $2, ARRAY[$2::timestamptz], $3, $4, $2::timestamptz + make_interval(secs => $5), $2::timestamptz + make_interval(secs => $5 + 12))`,
    [runId, slot, status, more.reason ?? null, more.opened ?? 0],
  );
  for (let attempt = 1; attempt <= (more.attempts ?? 1); attempt += 1) {
    await query(
      `INSERT INTO run_step (run_seq, step, attempt, started_at, finished_at, error)
       SELECT run_seq, 'apply', $2::integer, opened_at, finished_at, CASE WHEN status = 'failed' OR $2::integer < $3::integer THEN 'disk full' END FROM run WHERE run_id = $1`,
      [runId, attempt, more.attempts ?? 1],
    );
  }
  return runId;
}

test('Run now leads to a run whose page tells all: steps, rows, files, log, trigger, and its jobs', async () => {
  const { page, consoleErrors } = await open('/runs');
  await page.getByRole('button', { name: 'Run now' }).click();
  await page
    .getByRole('status')
    .filter({ hasText: /began|under way/ })
    .first()
    .waitFor();
  const run = await web.finishedRun(1);
  // Nobody reloads the page: it renews itself.
  await page.locator('table.runs').getByText('succeeded', { exact: true }).waitFor();
  await page.locator('table.runs a', { hasText: run.run_id }).click();
  await page.getByRole('heading', { name: `Run ${run.run_id}` }).waitFor();
  expect(await page.locator('.steps tbody tr td:first-child').allTextContents()).toEqual([
    ...['produce', 'read', 'apply', 'mirror', 'publish', 'commit'],
  ]);
  const facts = await page.locator('.facts').textContent();
  expect(facts).toContain('Started byby hand');
  expect(facts).toContain('Rows read5new5duplicate0rejected0');
  expect(await page.locator('.log').textContent()).toMatch(/opened: hand run.*produce: files 2.*publish: /s);
  expect(await page.locator('table.files tbody tr').count()).toBe(5);
  await page.getByRole('link', { name: 'consume' }).click();
  await page
    .locator('a', { hasText: 'Run' })
    .and(page.locator(`[href="/runs/${run.run_id}"]`))
    .first()
    .waitFor();
  expect(consoleErrors).toEqual([]);
});

describe('after a failure', () => {
  test('one press tries a failed run again, which goes on from the failed step and counts nothing twice', async () => {
    await sleep(1_000);
    const info = join(web.outputDir, 'run_info.csv');
    const own = await readFile(info, 'utf8');
    // The files are another dataset's now, so that this run can count its row and not publish it.
    await writeFile(info, own.replace(web.pipeline.settings.dataset, 'another'));
    await appendFile(join(web.inputDir, 'inventory_change_store001.csv'), '{4},101,1,11/3/2026 12:00,-4,1\n');
    await fetch(`${web.url}/run`, { method: 'POST', headers: { Origin: web.url }, redirect: 'manual' });
    const failed = await web.finishedRun(2);
    expect([failed.status, failed.rows_new]).toEqual(['failed', 1]);
    const opened = await open(`/runs/${failed.run_id}`);
    const { page } = opened;
    expect(await page.getByRole('alert').textContent()).toContain('holds the files of dataset another');
    await writeFile(info, own);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('status').filter({ hasText: 'Its consume job is tried again' }).waitFor();
    await page.locator('h1 .status.succeeded').waitFor();
    const steps = await page
      .locator('.steps tbody tr')
      .evaluateAll((rows) =>
        rows.map((row) => `${row.children[0]?.textContent} ${row.children[1]?.textContent} ${row.className}`),
      );
    expect(steps).toEqual([
      ...['produce 1 done', 'read 1 done', 'apply 1 done', 'mirror 1 done'],
      ...['publish 1 failed', 'publish 2 done', 'commit 1 done'],
    ]);
    const { rows } = await query(
      'SELECT count(*)::integer AS events, sum(quantity)::integer AS units FROM inventory_event WHERE item_id = 101',
    );
    // A count of 40, then -2, +12 and the new -4.
    expect(rows).toEqual([{ events: 4, units: 46 }]);
    expect(await readFile(join(web.outputDir, 'inventory_current.csv'), 'utf8')).toMatch(/^1,.*,101,Kettle,.*,46,/m);
    expect((await call(`/runs/${failed.run_id}/retry`, {})).body).toMatchObject({ outcome: 'left' });
    expect(opened.consoleErrors).toEqual([]);
  });

  test('the grid tells the story of a bad day without a log', async () => {
    await query(
      "UPDATE run SET opened_at = now() - interval '30 seconds', finished_at = now() - interval '20 seconds'",
    );
    await pastRun(14, 'succeeded');
    await pastRun(13, 'failed', { reason: 'disk full', attempts: 20 });
    await pastRun(12, 'failed', { reason: 'disk full', attempts: 20 });
    await pastRun(11, 'succeeded', { attempts: 3 });
    // Stopped for five hours; then one run makes them good.
    const caughtUp = await pastRun(5, 'succeeded');
    await pastRun(4, 'succeeded_with_warnings');
    const opened = await open('/runs');
    const { page } = opened;
    const words = async (state: string) =>
      page
        .locator(`.grid .cell.${state}`)
        .evaluateAll((cells) => cells.map((cell) => cell.getAttribute('aria-label') ?? ''));
    const failed = await words('failed');
    expect(failed).toHaveLength(2);
    expect(failed[0]).toMatch(/:00: failed in 12 s after 20 attempts, run \d{8}T\d{4}Z; covered by \d{8}T\d{4}Z$/);
    expect((await words('covered')).filter((text) => text.endsWith(caughtUp))).toHaveLength(5);
    expect(await page.locator('.grid .cell.done.again').count()).toBe(1);
    expect(await page.locator('.grid .cell.warned').count()).toBe(1);
    // Tab stops once in the grid; the arrows go from hour to hour and Tab leaves it.
    expect(await page.locator('.grid a[tabindex="0"]').count()).toBe(1);
    await page.locator('.grid a[tabindex="0"]').focus();
    const label = () => page.evaluate('document.activeElement.getAttribute("aria-label")');
    const before = await label();
    await page.keyboard.press('ArrowLeft');
    const after = await label();
    expect(after).toMatch(/^\d{4}-\d\d-\d\d \d\d:00: /);
    expect(after).not.toBe(before);
    expect(await page.locator('.grid a[tabindex="0"]').getAttribute('aria-label')).toBe(after);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.closest(".grid")')).toBe(null);
    const other = '20261105T0900Z';
    await query('INSERT INTO run (run_id, trigger) VALUES ($1, $2)', [other, 'clock']);
    await query("UPDATE run SET reads_files = false WHERE status LIKE 'succeeded%'");
    const again = (await call(`/runs/${failed[0]?.match(/run (\w+)/)?.[1]}/retry`, {})).body;
    expect(again).toMatchObject({ outcome: 'left', because: expect.stringContaining(`run ${other} is under way`) });
    await query("UPDATE run SET reads_files = true WHERE status LIKE 'succeeded%'");
    await query('DELETE FROM run WHERE run_id = $1', [other]);
    await page.locator('.grid .cell.failed').first().click();
    await page.getByRole('alert').filter({ hasText: 'Disk full' }).waitFor();
    expect(await page.locator('.steps tr.failed').count()).toBe(20);
    expect(await page.locator('main').textContent()).toContain('made good what this one had to do');
    expect(opened.consoleErrors).toEqual([]);
  });

  test('runs are listed by status and page, and found by the API as the grid shows them', async () => {
    const { page } = await open('/runs?status=failed');
    expect(await page.locator('table.runs .status').allTextContents()).toEqual(['failed', 'failed']);
    const list = (await call('/runs?status=failed,succeeded&size=2')).body as unknown as {
      runs: unknown[];
      total: number;
    };
    expect([list.runs.length, list.total > 3]).toEqual([2, true]);
    const grid = (await call('/runs/grid?days=2')).body as unknown as { days: { hours: { state: string }[] }[] };
    expect(grid.days.map(({ hours }) => hours.length)).toEqual([24, 24]);
    expect(grid.days.flatMap(({ hours }) => hours).filter(({ state }) => state === 'failed')).toHaveLength(2);
    const [newest] = await web.runs();
    expect((await call(`/runs/${newest?.run_id}`)).status).toBe(200);
    expect((await call('/runs/nothing')).status).toBe(404);
    expect((await call('/runs?status=bad')).status).toBe(400);
  });
});

describe('what a person can do', () => {
  test('pausing the clock is said on each page, and letting it go on makes the missed hour good', async () => {
    const { page } = await open('/runs');
    await page.getByRole('button', { name: 'Pause the clock' }).click();
    await page.getByRole('status').filter({ hasText: 'no run starts by itself' }).waitFor();
    const dashboard = await open('/');
    await dashboard.page.getByText('The clock is paused.').waitFor();
    await query('DELETE FROM run WHERE slot = (SELECT max(slot) FROM run)');
    const before = (await web.runs()).length;
    await query("UPDATE run SET opened_at = opened_at - interval '2 hours' WHERE slot IS NULL");
    await page.getByRole('button', { name: 'Let the clock go on' }).click();
    await page
      .getByRole('status')
      .filter({ hasText: 'the clock goes on' })
      .or(page.getByRole('status').filter({ hasText: 'The clock goes on' }))
      .first()
      .waitFor();
    const run = await web.finishedRun(before + 1);
    expect([run.trigger, run.status]).toEqual(['sweep', 'succeeded']);
    expect((await call('/clock', { paused: false })).body).toMatchObject({
      paused: false,
      because: 'the clock was going already',
    });
  });

  test('a press tests each alert, and the webhook is never on a page', async () => {
    const { page } = await open('/runs');
    for (const name of ['Test the failure alert', 'Test the absence alert']) {
      await page.getByRole('button', { name }).click();
      await page.getByRole('status').filter({ hasText: 'was taken by the receiver' }).waitFor();
    }
    expect(received.map(({ kind }) => kind)).toEqual(['test', 'test']);
    expect(await page.content()).not.toContain('secret-hook');
    expect((await call('/alerts/test', { kind: 'other' })).status).toBe(400);
    received.length = 0;
  });

  test('the webhook is told once of each run that failed for good, again where it did not answer, and of absence', async () => {
    await query("UPDATE run SET finished_at = now() - interval '5 minutes' WHERE status = 'failed'");
    await query(
      "UPDATE run SET opened_at = opened_at - interval '5 hours', finished_at = finished_at - interval '5 hours', slot = slot - interval '5 hours' WHERE status LIKE 'succeeded%'",
    );
    const said: string[] = [];
    answerWith = 500;
    const failing = startAlerts(web.pipeline, web.url, (line) => said.push(line), 50);
    while (said.length < 3) await sleep(20);
    await failing.close();
    expect(said.every((line) => line.includes('the receiver answered 500') && !line.includes('secret-hook'))).toBe(
      true,
    );
    answerWith = 200;
    await query('UPDATE alert SET next_try_at = now()');
    const alerts = startAlerts(web.pipeline, web.url, (line) => said.push(line), 50);
    while (received.length < 3) await sleep(20);
    await sleep(300);
    await alerts.close();
    expect(received.map(({ kind }) => kind).sort()).toEqual(['absence', 'failure', 'failure']);
    const failure = received.find(({ kind }) => kind === 'failure');
    expect(failure?.text).toContain('disk full');
    expect(failure?.url).toBe(`${web.url}/runs/${failure?.run_id}`);
    expect(received.find(({ kind }) => kind === 'absence')?.text).toContain(
      'no good run for 3 periods; the last good run was',
    );
  });

  test.each(['/run', '/runs/x/retry', '/clock', '/alerts/test', '/api/runs', '/api/clock'])(
    'a POST to %s from another page does nothing',
    async (path) => {
      const answer = await fetch(web.url + path, { method: 'POST', headers: { Origin: 'http://evil.example' } });
      expect(answer.status).toBe(403);
    },
  );

  test.each([
    ['light', 1280],
    ['dark', 360],
  ] as const)('the pages have no serious finding by axe in %s at %d px', async (look, width) => {
    const [newest] = await web.runs();
    for (const path of ['/runs', `/runs/${newest?.run_id}`]) {
      const { page, consoleErrors } = await open(path, { dark: look === 'dark', width });
      await until(page, "document.readyState === 'complete'");
      expect(await seriousFindings(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      expect(consoleErrors).toEqual([]);
    }
  });
});
