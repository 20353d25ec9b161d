import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { linearTrend } from '../../lib/core/linearTrend.ts';
import { type Database, openDatabase, query } from '../../lib/postgres/pool.ts';
import { openPublishedView } from '../../lib/postgres/view/publishedView.ts';
import { readStanding } from '../../lib/postgres/view/standing.ts';
import type { Study } from '../study.ts';
import { appendHour, appendMonth, type Chain, openChain } from './growth/chain.ts';
import { measuredHour } from './growth/hour.ts';
import { addresses } from './pages/addresses.ts';
import { browserTimes } from './pages/browserTimes.ts';
import { type Load, whileClientsLoad } from './pages/clients.ts';
import { writePages } from './pages/page.ts';
import { openWebProcess, type WebProcess } from './pages/webProcess.ts';

const dataset = 'pages';
const monthsPerLoad = 3;
const full = { stores: 50, items: 2_000, rowsPerMonth: 500_000, months: 12, starts: 5, asks: 30, clients: 50 };
const small = { stores: 10, items: 200, rowsPerMonth: 20_000, months: 3, starts: 2, asks: 5, clients: 10 };

/** Answers of one address: the first after a start of the server, when nothing is kept, and those after it. */
export type AddressCost = { address: string; bytes: number; cold: number[]; warm: number[] };

/**
 * How fast pages get their answers on a long history: how long a view takes to make, each address cold and warm, memory of
 * the server, and what clients see while a run publishes, beside a run that nobody looks at.
 */
export const pages: Study = async (context) => {
  const { quick, resultsDir, services, workDir, say, signal } = context;
  const { months, starts, asks, clients, ...shape } = quick ? small : full;
  const chain: Chain = { inputDir: join(workDir, 'input'), ...shape };
  const env = context.environment({
    DATASET: dataset,
    INPUT_DIR: chain.inputDir,
    OUTPUT_DIR: join(workDir, 'output'),
    SETTLE_SECONDS: '0',
  });
  openChain(chain);
  const db = openDatabase(services.postgresUrl, dataset, 'tillcast-bench');
  let hour = 0;
  const nextHour = async () => {
    appendHour(chain, months - 1, hour);
    hour += 1;
    return measuredHour(db, env, signal);
  };
  try {
    for (let loaded = 0; loaded < months; ) {
      const until = Math.min(months, loaded + monthsPerLoad);
      for (; loaded < until; loaded++) appendMonth(chain, loaded);
      const load = await measuredHour(db, env, signal);
      say(`${loaded} months: ${load.rowsNew.toLocaleString('en-US')} rows loaded in ${load.seconds.toFixed(1)} s`);
    }
    // The first hour after a load still writes what that left dirty.
    await nextHour();
    const views = await timedViews(db, starts);
    say(`a view is made in ${views.map((ms) => ms.toFixed(0)).join(', ')} ms`);
    const costs: AddressCost[] = addresses.map((address) => ({ address, bytes: 0, cold: [], warm: [] }));
    const memory: { started: number; answered: number; peak: number }[] = [];
    for (let start = 0; start < starts; start++) {
      signal.throwIfAborted();
      const web = await openWebProcess(env);
      await web.shown();
      const started = web.memory().now;
      for (const cost of costs) await askFor(web, cost, start === 0 ? asks : 1);
      memory.push({ started, answered: web.memory().now, peak: web.memory().peak });
      await web.close();
    }
    const fresh = await openWebProcess(env);
    await fresh.shown();
    const browser = await browserTimes(fresh);
    const browserMemory = fresh.memory();
    await fresh.close();
    const alone = await nextHour();
    const web = await openWebProcess(env);
    await web.shown();
    let beside = alone;
    const load: Load = await whileClientsLoad(web, clients, async () => {
      await sleep(5_000);
      beside = await nextHour();
      await sleep(10_000);
    });
    const loaded = web.memory();
    await web.close();
    say(
      `${clients} clients: ${load.loads.length} loads, ${load.anew} anew, ${load.mixed} mixed, ${load.failed} failed`,
    );
    const [count] = await query<{ events: number }>(db, 'SELECT count(*) AS events FROM inventory_event');
    await writePages(resultsDir, {
      command: `npm run bench -- pages${quick ? ' --quick' : ''}`,
      pairs: chain.stores * chain.items,
      months,
      events: Number(count?.events),
      servers: services.services.map(({ server }) => server),
      views,
      costs,
      memory,
      browser,
      browserMemory,
      load,
      loadMemory: loaded,
      hours: { alone: alone.seconds, beside: beside.seconds },
    });
  } finally {
    await db.close();
  }
};

async function timedViews(db: Database, count: number): Promise<number[]> {
  const settings = {
    ...{ combinedDays: 92, dailyDays: 400, timeZone: 'UTC', escapeFormulas: false, silentDays: 7 },
    fitTrend: linearTrend,
  };
  const times: number[] = [];
  for (let made = 0; made < count; made++) {
    const from = performance.now();
    const view = await openPublishedView(db, settings, await readStanding(db), false);
    times.push(performance.now() - from);
    view?.close();
  }
  return times;
}

async function askFor(web: WebProcess, cost: AddressCost, asks: number): Promise<void> {
  const first = await web.ask(cost.address);
  if (first.status !== 200) throw new Error(`${cost.address} answered ${first.status}: ${first.text.slice(0, 200)}`);
  cost.bytes = first.bytes;
  cost.cold.push(first.ms);
  for (let ask = 0; ask < asks; ask++) cost.warm.push((await web.ask(cost.address)).ms);
}
