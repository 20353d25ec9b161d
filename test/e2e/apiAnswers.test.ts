import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { openWeb } from '../../web/server.ts';
import { differences, openApi } from '../support/apiSchema.ts';
import { openWebFixture, type WebFixture } from '../support/webFixture.ts';
import { changes } from './dataFixture.ts';

let web: WebFixture;
const examples = Object.entries(openApi.paths).flatMap(([path, { get }]) =>
  get?.['x-example'] === undefined ? [] : [[path, get['x-example']] as const],
);

beforeAll(async () => {
  web = await openWebFixture({ WEB_PASSWORD: 'open sesame' });
  const lines = ['{4},101,1,11/3/2026 12:05,-3,2', '{5},102,1,11/3/2026 12:06,-1,9', '{6},102,1,11/3/2026 12:07,3.5,1'];
  await writeFile(join(web.inputDir, 'inventory_change_store002.csv'), changes(...lines));
});
afterAll(async () => {
  await web?.close();
});

const password = `Basic ${Buffer.from('x:open sesame').toString('base64')}`;

async function ask(path: string, headers: Record<string, string> = {}) {
  const answer = await fetch(web.url + path, { headers: { Authorization: password, ...headers } });
  const type = answer.headers.get('content-type') ?? '';
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    type,
    body: type.includes('json') ? JSON.parse(text) : text,
  };
}

/** Starts a run by hand and waits until pages show it. */
async function run(count: number): Promise<string> {
  const headers = { Origin: web.url, Authorization: password };
  await fetch(`${web.url}/run`, { method: 'POST', headers, redirect: 'manual' });
  const { run_id } = await web.finishedRun(count);
  while ((await ask(`/api/stores?run=${run_id}`)).status !== 200) await sleep(50); // a run_id is its published state
  return run_id;
}

/** An example with this fixture's values, and what is wrong with its answer. */
async function checked(path: string, example: string) {
  const { status, type, body } = await ask(`${path}?${example}`);
  return { status, body, wrong: differences(path, status, type, body) };
}

describe('the API', () => {
  test('is described by a valid OpenAPI file', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(openApi));
    expect([valid, errors]).toEqual([true, undefined]);
    expect(examples.length).toBeGreaterThan(19);
  });

  test('answers as described before the first run', async () => {
    for (const [path, example] of examples) {
      const { status, wrong } = await checked(path, example);
      expect([path, status, wrong]).toEqual([path, path === '/api/stock.csv' ? 404 : 200, undefined]);
    }
  });

  describe('after a run', () => {
    let runId: string;

    beforeAll(async () => {
      runId = await run(1);
    });

    test.each(examples)('%s?%s answers as described, by the name of the run', async (path, example) => {
      const { status, body, wrong } = await checked(path, example);
      expect([status, wrong]).toEqual([200, undefined]);
      if (path !== '/api/openapi.json' && path !== '/api/stock.csv') expect(body.run.run_id).toBe(runId);
    });

    test('lists hold rows, so that the description of rows is put to the test', async () => {
      const lists = {
        kpis: '/api/kpis',
        stores: '/api/stores',
        rows: '/api/stock',
        days: '/api/days?pairs=1:101,1:102',
        hours: '/api/sales/hourly',
        items: '/api/forecast/items',
        series: '/api/forecast',
        activity: '/api/lowest',
        rejected: '/api/quality',
      };
      for (const [list, path] of Object.entries(lists)) {
        const { body } = await ask(path);
        expect([path, body[list].length > 0]).toEqual([path, true]);
        expect([path, differences(path.split('?')[0] ?? '', 200, 'application/json', body)]).toEqual([path, undefined]);
      }
    });

    test('has an ETag that names the run, and says when nothing has changed', async () => {
      const { headers } = await ask('/api/stock');
      const tag = headers.get('etag') ?? '';
      expect(tag).toMatch(new RegExp(`^"${runId}/[\\w-]+"$`));
      expect(headers.get('cache-control')).toBe('no-cache');
      expect((await ask('/api/stock', { 'If-None-Match': tag })).status).toBe(304);
      expect((await ask('/api/stock', { 'If-None-Match': '"other"' })).status).toBe(200);
    });

    test('takes the run_id, or the pin of an answer, for its state, and nothing else', async () => {
      const { run } = (await ask('/api/stock')).body;
      for (const pin of [runId, run.pin, `${runId}/000000000000`]) {
        const { status, body } = await ask(`/api/stores?run=${encodeURIComponent(pin)}`);
        expect([pin, status, body.run]).toEqual([pin, pin.endsWith('/000000000000') ? 409 : 200, run]);
      }
    });

    test('refuses what it cannot understand with a problem that names it', async () => {
      const hostile = [
        ['/api/stock?sort=item_name;DROP TABLE run', 'sort: expected one of'],
        ['/api/stock?stores=1) OR (1=1', 'stores: expected ids like 1,3'],
        ['/api/stock?size=5000', 'size: expected a whole number from 1 to 500'],
        ['/api/stock?unknown=1', 'unknown: unknown parameter'],
        ['/api/stock?q=a&q=b', 'q: expected once'],
        ['/api/stock?q=%00', 'without a NUL'],
        ['/api/events?from=2026-01-01&to=2026-11-03', 'from: expected at most 7 dates'],
        ['/api/events?item=101&from=2026-11-03&to=2026-11-01', 'from: expected a date not after'],
        ['/api/forecast?level=item', 'item: expected an id'],
        ['/api/days', 'item: expected an item'],
        ['/api/days?item=101&pairs=1:101', 'item: expected an item'],
      ] as const;
      for (const [path, expected] of hostile) {
        const { status, type, body } = await ask(path);
        const wrong = differences(path.split('?')[0] ?? '', status, type, body);
        expect([path, status, body.detail, wrong]).toEqual([path, 400, expect.stringContaining(expected), undefined]);
      }
    });

    test.each(['%', '_', "'", '\\', '";--', '(', '\u{1F600}'])(
      'a search for %s is a search for these characters',
      async (q) => {
        const { status, body } = await ask(`/api/stock?q=${encodeURIComponent(q)}`);
        expect([status, body.total]).toEqual([200, 0]);
      },
    );

    test('dates far away, pages far away and unknown ids are empty lists', async () => {
      for (const path of [
        '/api/sales/daily?from=0001-01-01&to=0001-02-01',
        '/api/sales/daily?from=9999-12-01&to=9999-12-31',
        '/api/days?item=-9007199254740991',
        '/api/stock?page=1000000&size=500',
        '/api/events?item=1',
        '/api/forecast?level=item_store&store=77&item=99',
      ]) {
        const { status, body } = await ask(path);
        expect([path, status, body.days ?? body.rows ?? body.series]).toEqual([path, 200, []]);
      }
    });

    test('asks for the password, and names what is not there, as problems', async () => {
      const closed = await ask('/api/stock', { Authorization: '' });
      expect([closed.status, closed.type, closed.body.title]).toEqual([
        401,
        'application/problem+json; charset=utf-8',
        'Password needed',
      ]);
      expect(await ask('/api/nothing')).toMatchObject({ status: 404, body: { status: 404 } });
    });

    test('a download holds the rows of the file, filtered, under its header', async () => {
      const { headers, type, body } = await ask('/api/stock.csv?item=102');
      expect(type).toBe('text/csv; charset=utf-8');
      expect(headers.get('content-disposition')).toBe(`attachment; filename=stock-${runId}.csv`);
      const file = await ask('/output/inventory_current.csv');
      const wanted = file.body.split('\n').filter((line: string, at: number) => at === 0 || line.includes('Mug'));
      expect(body).toBe(`${wanted.join('\n')}\n`);
    });

    test('a server that closes ends its streams: no listener keeps it open', async () => {
      const { pipeline, queues } = web;
      const other = await openWeb({ pipeline, queues, services: [], nextSlot: () => null });
      const listeners = await Promise.all(
        Array.from({ length: 3 }, () => fetch(`${other.url}/api/stream`, { headers: { Authorization: password } })),
      );
      await other.close();
      const ended = await Promise.all(listeners.map((listener) => listener.text()));
      expect(ended).toEqual(listeners.map(() => expect.stringContaining('retry: 2000')));
    });

    test('/metrics tells Prometheus of the last run', async () => {
      const { status, type, body } = await ask('/metrics');
      expect([status, type]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
      expect(body.replace(/^#.*\n/gm, '')).toMatch(/^(tillcast_\w+\{\w+="[^"]*"(,\w+="[^"]*")*\} [\d.]+\n)+$/);
      const dataset = `dataset="${web.pipeline.settings.dataset}"`;
      expect(body).toContain(`tillcast_last_run_rows{${dataset},kind="rejected"} 1\n`);
      expect(body).toContain(`tillcast_last_run_failed{${dataset}} 0\n`);
      expect(body).toContain(`tillcast_mongodb_runs_behind{${dataset}} 0\n`);
      expect(body).toContain(`tillcast_last_run_step_seconds{${dataset},step="publish"}`);
      expect((await ask('/metrics', { Authorization: '' })).status).toBe(401);
    });

    test('tells listeners of a run under way and of its publication, and refuses a pin on the one before', async () => {
      const listening = new AbortController();
      const stream = await fetch(`${web.url}/api/stream`, {
        headers: { Authorization: password },
        signal: listening.signal,
      });
      expect(stream.headers.get('content-type')).toContain('text/event-stream');
      let told = '';
      const reading = (async () => {
        for await (const chunk of stream.body as unknown as AsyncIterable<Uint8Array>) {
          told += Buffer.from(chunk).toString();
        }
      })().catch(() => undefined);
      const { pool } = web.pipeline.db;
      await pool.query("INSERT INTO run (run_id, trigger) VALUES ('20261105T0900Z', 'clock')");
      await pool.query("INSERT INTO run_step (run_seq, step, attempt) SELECT max(run_seq), 'apply', 1 FROM run");
      const running = '{"run_id":"20261105T0900Z","status":"running","step":"apply","attempt":1,"done":false}';
      while (!told.includes(`event: run\ndata: ${running}\n\n`)) await sleep(50);
      await pool.query("UPDATE run SET finished_at = now(), status = 'failed' WHERE run_id = '20261105T0900Z'");
      while (!told.endsWith('event: run\ndata: null\n\n')) await sleep(50);
      const second = await run(3);
      while (!told.includes(`event: published\ndata: {"run_id":"${second}"`)) await sleep(50);
      listening.abort();
      await reading;
      const { status, type, body } = await ask(`/api/stock?run=${runId}`);
      expect([status, body.run.run_id, differences('/api/stock', status, type, body)]).toEqual([
        409,
        second,
        undefined,
      ]);
    });
  });
});
