import { symlink, writeFile } from 'node:fs/promises';
import { Agent, get, type IncomingHttpHeaders, request } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { openDatabase } from '../../lib/postgres/pool.ts';
import { openWeb } from '../../web/server.ts';
import { openBrowser, type Visit, type VisitOptions, visit } from '../support/browser.ts';
import { openWebFixture, type WebFixture } from '../support/webFixture.ts';

let browser: Browser;
let web: WebFixture;
const visits: Visit[] = [];

beforeAll(async () => {
  web = await openWebFixture();
  browser = await openBrowser();
});
afterEach(async () => {
  for (const open of visits.splice(0)) await open.close();
});
afterAll(async () => {
  await browser?.close();
  await web?.close();
});

async function open(path: string, options?: VisitOptions): Promise<Visit> {
  const opened = await visit(browser, options);
  visits.push(opened);
  await opened.page.goto(web.url + path);
  return opened;
}

async function openAddJob(page: Page): Promise<void> {
  // The ⋮ at the right of the status tabs has no name of its own (queue.md, 3.3).
  await page.locator('main button[aria-haspopup=menu]').first().click();
  await page.locator('[role=menuitem]:has-text("Add job")').click();
  await page.locator('#add-job-form .cm-content').first().waitFor();
}

async function fillIn(page: Page, json: string): Promise<void> {
  await page.locator('#add-job-form .cm-content').first().click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(json);
  // The form sends what its hidden field holds, and the editor writes there a moment later.
  while ((await page.locator('#job-data').inputValue()) !== json) await page.waitForTimeout(20);
}

const add = (page: Page) => page.locator('button[form=add-job-form]').click();
const jobsAtTheDoor = async () => Object.values(await web.queues.door.getJobCounts()).reduce((sum, n) => sum + n, 0);

type Answer = { status: number; text: string; headers: IncomingHttpHeaders };

/** A request with exactly these headers, and a path that no client has tidied up. */
function ask(
  url: string,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body = '',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const asking = request({ hostname, port, method, path, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text, headers: answer.headers }));
    });
    asking.on('error', reject).end(body);
  });
}

/** What the queue UI itself would send. */
function write(method: string, path: string, body: unknown = {}): Promise<Answer> {
  const headers = { Origin: web.url, 'Content-Type': 'application/json' };
  return ask(web.url, method, `/queues/api/queues/${path}`, headers, JSON.stringify(body));
}

describe('the queue UI', () => {
  test('a person adds a job {} and the run appears, completes, and its files are new', async () => {
    const before = (await web.runs()).length;
    const { page } = await open('/queues/queue/etl-run');
    await openAddJob(page);
    await fillIn(page, '{}');
    await add(page);
    const run = await web.finishedRun(before + 1);
    expect(run).toMatchObject({ trigger: 'hand', status: 'succeeded', rows_read: 5 });
    await page.goto(`${web.url}/queues/queue/etl-run?status=completed`);
    await page.getByText(run.run_id).first().waitFor();

    await page.goto(`${web.url}/runs`);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain(`last good run ${run.run_id}`);
    const info = await page.request.get(`${web.url}/output/run_info.csv`);
    expect(info.headers()['content-disposition']).toBe('attachment; filename=run_info.csv');
    expect(await info.text()).toContain(run.run_id);
  });

  test("shows a run's flow: consume, and produce before it", async () => {
    const { run_id } = await web.finishedRun(1);
    const { page } = await open(`/queues/queue/consume/consume-${run_id}`);
    await page.locator('.react-flow__node').filter({ hasText: 'consume' }).waitFor();
    await page.locator('.react-flow__node').filter({ hasText: 'produce' }).waitFor();
  });

  test.each([
    ['a bare string', '"now"', 'add a job with {}'],
    ['a list', '[]', 'add a job with {}'],
    ['an unknown key', '{"input":"/etc"}', 'Unrecognized key'],
    ['a slot, which is the clock’s to name', '{"slot":"2026-11-05T09:00:00Z"}', 'a person adds a job with {}'],
    ['a trigger', '{"trigger":"clock"}', 'a person adds a job with {}'],
  ])('%s as job data gets a sentence back and no job', async (_what, data, sentence) => {
    const before = await jobsAtTheDoor();
    const { page } = await open('/queues/queue/etl-run');
    await openAddJob(page);
    await fillIn(page, data);
    await add(page);
    await page.getByText(sentence).first().waitFor();
    expect(await jobsAtTheDoor()).toBe(before);
  });

  test.each(['produce', 'consume'])('%s refuses Add job with a sentence', async (queue) => {
    const before = await web.queues.consume.getJobCounts();
    const { page } = await open(`/queues/queue/${queue}`);
    await openAddJob(page);
    await fillIn(page, '{"run_id":"20261105T0900Z"}');
    await add(page);
    await page.getByText('only the etl-run queue starts a run').first().waitFor();
    expect(await web.queues.consume.getJobCounts()).toEqual(before);
  });

  test('a step is not removed, promoted or emptied, but may be retried', async () => {
    const { run_id } = await web.finishedRun(1);
    const job = `consume/consume-${run_id}`;
    for (const path of [
      `${job}/clean`,
      `${job}/promote`,
      'consume/empty',
      'produce/clean/completed',
      'consume/promote',
    ]) {
      expect(await write('PUT', path)).toMatchObject({ status: 422, text: expect.stringContaining('Retry') });
    }
    for (const path of ['etl-run/obliterate', 'etl-run/concurrency', 'etl-run/job-schedulers/x/run']) {
      expect(await write('PUT', path)).toMatchObject({ status: 422 });
    }
    expect(await write('PATCH', `${job}/update-data`, { jobData: { run_id: 'x' } })).toMatchObject({ status: 422 });
    expect(await write('PUT', `${job}/retry`)).toMatchObject({ status: 204 });
    expect(await web.finishedRun(1)).toMatchObject({ run_id, status: 'succeeded' });
  });

  test('a job with the id of an older one starts a run of its own', async () => {
    const before = (await web.runs()).length;
    const body = { name: 'x', data: {}, options: { jobId: '1', attempts: 3, removeOnComplete: { age: 1 } } };
    const answer = await write('POST', 'etl-run/add', body);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({ job: { name: 'run' } });
    await web.finishedRun(before + 1);
  });

  test('Duplicate of a finished job leads to a new run', async () => {
    const before = (await web.runs()).length;
    const { page } = await open('/queues/queue/etl-run?status=completed');
    await page.locator('main button:has(svg.lucide-files)').first().click();
    await page.locator('#add-job-form .cm-content').first().waitFor();
    await add(page);
    await web.finishedRun(before + 1);
  });

  test('delays, repeats and the like are refused by name', async () => {
    const before = await jobsAtTheDoor();
    const options = { delay: 60_000, repeat: { every: 1000 }, parent: { id: 'x', queue: 'y' } };
    const answer = await write('POST', 'etl-run/add', { name: '', data: {}, options });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('leave out delay, repeat, parent');
    expect(await jobsAtTheDoor()).toBe(before);
  });
});

describe('the page of runs', () => {
  test('Run now leads to a finished run that the page shows', async () => {
    const before = (await web.runs()).length;
    const { page } = await open('/runs');
    await page.getByRole('button', { name: 'Run now' }).click();
    await page
      .getByRole('status')
      .filter({ hasText: /began|under way/ })
      .first()
      .waitFor();
    const run = await web.finishedRun(before + 1);
    await page.goto(`${web.url}/runs`);
    expect(await page.locator('.runs tbody tr').first().textContent()).toContain(run.run_id);
    expect(await page.locator('.runs tbody tr').first().textContent()).toContain('succeeded');
  });

  test('says that a run is under way, with its step, and starts no second one', async () => {
    const { db } = web.pipeline;
    await db.pool.query("INSERT INTO run (run_id, trigger) VALUES ('20261105T0900Z', 'clock')");
    await db.pool.query("INSERT INTO run_step (run_seq, step, attempt) SELECT max(run_seq), 'apply', 1 FROM run");
    const { page } = await open('/runs');
    const text = await page.locator('main').textContent();
    expect(text).toContain('20261105T0900Z for');
    expect(text).toContain('step apply');
    expect(await page.getByRole('button', { name: 'Run now' }).isDisabled()).toBe(true);
    const pressed = await ask(web.url, 'POST', '/run', { Origin: web.url });
    expect(pressed.status).toBe(303);
    await page.goto(web.url + pressed.headers.location);
    expect(await page.getByRole('status').first().textContent()).toContain('Run 20261105T0900Z is under way since');
    await db.pool.query("DELETE FROM run WHERE run_id = '20261105T0900Z'");
  });

  test('shows why the newest run failed, escaped, and that starting again is safe', async () => {
    const { db } = web.pipeline;
    await db.pool.query(`INSERT INTO run (run_id, trigger, status, finished_at, reason)
      VALUES ('20261105T1000Z', 'clock', 'failed', now(), 'disk <img src=x onerror=alert(1)> full')`);
    const { page, consoleErrors } = await open('/runs', { width: 360 });
    const alert = await page.getByRole('alert').first().textContent();
    expect(alert).toContain('20261105T1000Z: Disk <img src=x onerror=alert(1)> full.');
    expect(alert).toContain('safe');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    expect(consoleErrors).toEqual([]);
    await db.pool.query("DELETE FROM run WHERE run_id = '20261105T1000Z'");
  });

  test.each(['/', '/queues', '/queues/queue/etl-run'])(
    '%s loads nothing from elsewhere and logs no error',
    async (path) => {
      const { page, consoleErrors, requests } = await open(path);
      await page.waitForLoadState('networkidle');
      if (path.endsWith('etl-run')) await openAddJob(page);
      expect(requests.filter((url) => !url.startsWith(`${web.url}/`) && !url.startsWith('data:'))).toEqual([]);
      expect(consoleErrors).toEqual([]);
    },
  );

  test('health names the dataset and the last good run', async () => {
    const answer = await ask(web.url, 'GET', '/health');
    expect(answer.status).toBe(200);
    const { dataset } = web.pipeline.settings;
    const { run_id } = await web.finishedRun(1);
    expect(JSON.parse(answer.text)).toEqual({ ok: true, dataset, last_good_run_id: run_id, open_run_id: null });
  });
});

describe('the server', () => {
  const input = () => ({ pipeline: web.pipeline, queues: web.queues, services: [], nextSlot: () => null });

  test('says which port is taken and what to set', async () => {
    const { port } = new URL(web.url);
    const settings = { ...web.pipeline.settings, port: Number(port) };
    await expect(openWeb({ ...input(), pipeline: { ...web.pipeline, settings } })).rejects.toMatchObject({
      code: 'ETL_CONFIG',
      message: expect.stringMatching(new RegExp(`port ${port} on 127.0.0.1 is taken .* set PORT=`)),
    });
  });

  test('closes at once while a browser keeps its connection', async () => {
    const server = await openWeb(input());
    const agent = new Agent({ keepAlive: true });
    await new Promise<void>((resolve, reject) => {
      get(`${server.url}/health`, { agent }, (answer) => answer.resume().on('end', resolve)).on('error', reject);
    });
    const before = Date.now();
    await server.close();
    expect(Date.now() - before).toBeLessThan(1_000);
    agent.destroy();
  });

  test('answers with 503 and a sentence while PostgreSQL is away', async () => {
    const db = openDatabase('postgres://nobody:secret@127.0.0.1:1/none', 't_none', 'test');
    const server = await openWeb({ ...input(), pipeline: { ...web.pipeline, db } });
    try {
      const { status, text } = await ask(server.url, 'GET', '/health');
      expect([status, JSON.parse(text)]).toMatchObject([503, { ok: false }]);
      const page = await ask(server.url, 'GET', '/runs');
      expect(page.status).toBe(503);
      expect(page.text).toContain('PostgreSQL');
      expect(page.text).not.toContain('secret');
    } finally {
      await server.close();
      await db.close();
    }
  });
});

describe('who may do what', () => {
  test.each([
    ['another page', { Origin: 'http://evil.example' }],
    ['another port of this machine', { Origin: 'http://127.0.0.1:1' }],
    ['a sandboxed frame', { Origin: 'null' }],
    ['no page at all', {}],
    ['another site without Origin', { 'Sec-Fetch-Site': 'cross-site' }],
  ])('a POST from %s is refused and starts nothing', async (_who, headers) => {
    const before = await jobsAtTheDoor();
    for (const path of ['/run', '/queues/api/queues/etl-run/add']) {
      const answer = await ask(web.url, 'POST', path, { ...headers, 'Content-Type': 'text/plain' }, '{"data":{}}');
      expect(answer.status).toBe(403);
      expect(answer.text).toContain('othing was done');
    }
    expect(await jobsAtTheDoor()).toBe(before);
  });

  test('a foreign name that points here is refused (DNS rebinding)', async () => {
    const { port } = new URL(web.url);
    expect((await ask(web.url, 'GET', '/', { Host: `evil.example:${port}` })).status).toBe(403);
    expect((await ask(web.url, 'GET', '/health', { Host: `localhost:${port}` })).status).toBe(200);
  });

  test('only CSVs right in the output folder can be downloaded', async () => {
    const { outputDir } = web;
    await writeFile(join(outputDir, 'combined.csv.next'), 'half');
    await writeFile(join(outputDir, '..', 'outside.csv'), 'secret');
    await symlink('/etc/passwd', join(outputDir, 'link.csv'));
    const names = ['../outside.csv', '..%2foutside.csv', '%2e%2e/outside.csv', 'archive/..%2f..%2foutside.csv'];
    const others = [
      'combined.csv.next',
      'link.csv',
      'archive',
      'none.csv',
      '%00.csv',
      'archive/../../outside.csv',
      '%ff.csv',
    ];
    for (const name of [...names, ...others]) {
      const answer = await ask(web.url, 'GET', `/output/${name}`);
      expect([400, 404]).toContain(answer.status);
      expect(answer.text).not.toContain('secret');
    }
    expect((await ask(web.url, 'GET', '/output/combined.csv')).status).toBe(200);
    expect((await ask(web.url, 'GET', '/output/archive/combined_2026-11.csv')).status).toBe(404);
  });

  test('every answer carries the headers of a careful server, and an error no stack', async () => {
    for (const path of ['/', '/queues', '/queues/api/queues', '/nowhere', '/output/%ff']) {
      const { headers, text } = await ask(web.url, 'GET', path);
      expect(headers['content-security-policy']).toContain("default-src 'self'");
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['x-powered-by']).toBeUndefined();
      expect(text).not.toMatch(/node_modules|at .*\.ts:\d+/);
    }
    expect((await ask(web.url, 'GET', '/nowhere')).status).toBe(404);
  });

  test('with a password set, nothing is served without it', async () => {
    const guarded = await openWebFixture({ WEB_PASSWORD: 'pa:ss wörd' });
    try {
      const basic = (text: string) => ({ Authorization: `Basic ${Buffer.from(text).toString('base64')}` });
      for (const path of [
        '/',
        '/queues',
        '/queues/api/queues',
        '/health',
        '/output/combined.csv',
        '/public/page.css',
      ]) {
        expect((await ask(guarded.url, 'GET', path)).status).toBe(401);
        expect((await ask(guarded.url, 'GET', path, basic('any:wrong'))).status).toBe(401);
      }
      expect((await ask(guarded.url, 'POST', '/run', { Origin: guarded.url })).status).toBe(401);
      expect((await ask(guarded.url, 'GET', '/', basic('any:pa:ss wörd'))).status).toBe(200);
    } finally {
      await guarded.close();
    }
  });
});
