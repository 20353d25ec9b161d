import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openWebFixture, type WebFixture } from '../support/webFixture.ts';

let web: WebFixture;

beforeAll(async () => {
  web = await openWebFixture();
});
afterAll(async () => {
  await web?.close();
});

const paths = [
  '/api/freshness',
  '/api/kpis',
  '/api/stores',
  '/api/items',
  '/api/stock',
  '/api/sales/daily',
  '/api/sales/hourly',
  '/api/sales/top-items',
  '/api/forecast',
  '/api/forecast?level=store&store=1',
  '/api/forecast?level=item&item=101',
  '/api/forecast?level=item_store&item=101&store=1',
  '/api/forecast/items',
  '/api/days?item=101',
  '/api/events?item=101',
  '/api/events',
  '/api/lowest',
  '/api/accuracy',
  '/api/forecast-history',
  '/api/clusters',
  '/api/quality',
  '/api/latency',
];

describe('the API', () => {
  test('every address answers before the first run, and with the name of the run after it', async () => {
    for (const path of paths) {
      const answer = await fetch(web.url + path);
      expect([path, answer.status, await answer.json()]).toEqual([path, 200, expect.objectContaining({ run: null })]);
    }
    await fetch(`${web.url}/run`, { method: 'POST', headers: { Origin: web.url }, redirect: 'manual' });
    const { run_id } = await web.finishedRun(1);
    await shown(run_id);
    for (const path of paths) {
      const answer = await fetch(web.url + path);
      const run = expect.objectContaining({ run_id, state: 'published' });
      expect([path, answer.status, await answer.json()]).toEqual([path, 200, expect.objectContaining({ run })]);
    }
  });
});

async function shown(runId: string): Promise<void> {
  for (;;) {
    const answer = await fetch(`${web.url}/api/stores?run=${runId}`);
    await answer.arrayBuffer();
    if (answer.status === 200) return;
    await sleep(50);
  }
}
