import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openWebFixture, type WebFixture } from '../support/webFixture.ts';
import { changes } from './dataFixture.ts';

const clients = 50;
const runs = 3;
/** The clients, the server and the run share one process and, on a small machine, two cores. */
const runPatienceMs = 120_000;
let web: WebFixture;

beforeAll(async () => {
  web = await openWebFixture();
});
afterAll(async () => {
  await web?.close();
});

type Answer = Readonly<{
  status: number;
  body: Record<string, Record<string, unknown>[]> & { run: { run_id: string; pin: string } };
}>;

async function ask(path: string): Promise<Answer> {
  const answer = await fetch(`${web.url}/api/${path}`);
  return { status: answer.status, body: (await answer.json()) as Answer['body'] };
}

const sum = (rows: readonly Record<string, unknown>[] | undefined, column: string) =>
  (rows ?? []).reduce((total, row) => total + Number(row[column]), 0);

/** One load of a page of four parts; undefined where the run moved on between two of them. */
async function page(): Promise<{ run: string; units: number[] } | undefined> {
  const stock = await ask('stock?item=101');
  expect(stock.status).toBe(200);
  if (stock.body.run === null) return undefined;
  const { run_id: run, pin } = stock.body.run;
  const rest = await Promise.all(
    ['sales/daily', 'days?item=101', 'events?item=101&actions=sale&size=500'].map((path) =>
      ask(`${path}${path.includes('?') ? '&' : '?'}run=${pin}`),
    ),
  );
  if (rest.some(({ status }) => status === 409)) return undefined;
  expect(rest.map(({ status, body }) => [status, body.run.run_id])).toEqual(rest.map(() => [200, run]));
  const [daily, days, events] = rest.map(({ body }) => body);
  // All sales are of item 101, and nothing else moves it: four ways to one number.
  return {
    run,
    units: [
      -sum(stock.body.rows, 'delta_quantity'),
      sum(daily?.days, 'units_sold'),
      sum(days?.days, 'units_sold'),
      -sum(events?.rows, 'quantity'),
    ],
  };
}

test('50 clients that load pages while runs publish see whole runs only', async () => {
  await writeFile(join(web.inputDir, 'inventory_change_store001.csv'), changes('{0},101,1,11/2/2026 9:15,-2,1'));
  const seen = new Map<string, Set<string>>();
  let reading = true;
  let loads = 0;
  const readers = Array.from({ length: clients }, async () => {
    while (reading) {
      // They share this process with the server and the run: without a pause they would be all that it does.
      await sleep(1_000);
      const loaded = await page();
      if (loaded === undefined) continue;
      loads += 1;
      seen.set(loaded.run, (seen.get(loaded.run) ?? new Set()).add(loaded.units.join()));
    }
  });
  const expected: [string, string[]][] = [];
  try {
    for (let run = 1; run <= runs; run++) {
      const lines = [`{r${run}},101,1,11/3/2026 ${10 + run}:00,-${run},1`];
      await writeFile(join(web.inputDir, `inventory_change_store001_${run}.csv`), changes(...lines));
      await fetch(`${web.url}/run`, { method: 'POST', headers: { Origin: web.url }, redirect: 'manual' });
      const { run_id, status } = await web.finishedRun(run, runPatienceMs);
      const units = 2 + (run * (run + 1)) / 2;
      expected.push([`${run_id} ${status}`, [Array.from({ length: 4 }, () => units).join()]]);
      const loadsThen = loads;
      while (!seen.has(run_id) || loads < loadsThen + clients) await sleep(20);
    }
  } finally {
    reading = false;
    await Promise.all(readers);
  }
  expect([...seen].map(([run, units]) => [`${run} succeeded`, [...units]])).toEqual(expected);
});
