import { join } from 'node:path';
import { openDatabase, query } from '../../lib/postgres/pool.ts';
import type { Study } from '../study.ts';
import { appendHour, appendMonth, type Chain, openChain, rowsPerHour } from './growth/chain.ts';
import { type HourCost, measuredHour } from './growth/hour.ts';
import { writeGrowth } from './growth/page.ts';

const dataset = 'growth';
const windowDays = 28;
/** A load is one run; one transaction that applies much more would take minutes on a busy machine. */
const monthsPerLoad = 3;
const full = { stores: 50, items: 2_000, rowsPerMonth: 500_000, months: [1, 3, 6, 12], hours: 5 };
const small = { stores: 10, items: 200, rowsPerMonth: 20_000, months: [1, 3], hours: 3 };

/**
 * The cost of an hour on a growing history: one dataset, loaded some months a run; at each size some hours of the same
 * new rows are measured. The first hour after a load is not counted: it still writes what that load left dirty.
 */
export const growth: Study = async (context) => {
  const { quick, resultsDir, services, workDir, say, signal } = context;
  const { months, hours, ...shape } = quick ? small : full;
  const chain: Chain = { inputDir: join(workDir, 'input'), ...shape };
  const env = context.environment({
    DATASET: dataset,
    INPUT_DIR: chain.inputDir,
    OUTPUT_DIR: join(workDir, 'output'),
    COMBINED_DAYS: String(windowDays),
    DAILY_DAYS: String(windowDays),
    SETTLE_SECONDS: '0',
  });
  openChain(chain);
  const db = openDatabase(services.postgresUrl, dataset, 'tillcast-bench');
  const sizes = [];
  try {
    let loaded = 0;
    for (const size of months) {
      while (loaded < size) {
        const until = Math.min(size, loaded + monthsPerLoad);
        for (; loaded < until; loaded++) appendMonth(chain, loaded);
        const load = await measuredHour(db, env, signal);
        say(`${loaded} months: ${load.rowsNew.toLocaleString('en-US')} rows loaded in ${load.seconds.toFixed(1)} s`);
      }
      const measured: HourCost[] = [];
      for (let hour = 0; hour <= hours; hour++) {
        appendHour(chain, size - 1, hour);
        const cost = await measuredHour(db, env, signal);
        say(
          `${size} months: hour of ${cost.rowsNew} rows in ${cost.seconds.toFixed(2)} s, ${cost.peakMb.toFixed(0)} MB`,
        );
        if (hour > 0) measured.push(cost);
      }
      const [count] = await query<{ events: number }>(db, 'SELECT count(*) AS events FROM inventory_event');
      sizes.push({ months: size, events: Number(count?.events), hours: measured });
    }
  } finally {
    await db.close();
  }
  const command = `npm run bench -- growth${quick ? ' --quick' : ''}`;
  const servers = services.services.map(({ server }) => server);
  await writeGrowth(resultsDir, {
    command,
    pairs: chain.stores * chain.items,
    rowsPerHour,
    windowDays,
    servers,
    sizes,
  });
};
