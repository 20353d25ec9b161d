import { createHash } from 'node:crypto';
import type { Settings } from '../config/settings.ts';
import { dayNumber } from '../lib/core/forecast/calendarDays.ts';
import { type ChainOutlook, chainOutlook } from '../lib/core/forecast/chainOutlook.ts';
import { type Origins, originsOf } from '../lib/core/forecast/origins.ts';
import { type PlanningValues, protectionDays } from '../lib/core/planning/planningValues.ts';
import { groundTexts, markMovedGrounds } from '../lib/postgres/forecastGrounds.ts';
import { dropRecords, keepRecords } from '../lib/postgres/forecastScores.ts';
import { eachPairBlock } from '../lib/postgres/forecastSeries.ts';
import {
  firstDayOf,
  forecastState,
  historyFrom,
  itemSuppliers,
  refreshCancelledSales,
  storeHistories,
} from '../lib/postgres/forecastState.ts';
import { assertHeld } from '../lib/postgres/heldRun.ts';
import type { Run } from '../lib/postgres/ledger.ts';
import { clearFindings, keepFindings } from '../lib/postgres/quality.ts';
import { refreshClusters } from './clusterStep.ts';
import { poolForecasts } from './forecastPool.ts';
import { openForecastThreads } from './forecastThreads.ts';
import type { Pipeline, Report } from './pipeline.ts';
import { type PlanningRules, planningRules } from './planningRules.ts';
import { sideBySide } from './sideBySide.ts';
import { UnderWay } from './underWay.ts';

/** Another number makes every dataset's forecasts anew: to be raised when the method changes, or what records hold. */
const method = 2;

/**
 * The planning forecast, made from closed days alone. A new closed day or other settings: of all pairs; late rows: of
 * the pairs that they changed, and the pools that all share; rows of the open day, the usual hour: nothing is done.
 * Returns how many pairs were forecast.
 */
export async function refreshForecasts(
  pipeline: Pipeline,
  run: Run,
  signal: AbortSignal,
  report: Report,
): Promise<number> {
  const { db, settings } = pipeline;
  const state = await forecastState(db);
  if (state === undefined) return 0;
  const rules = await planningRules(settings);
  const suppliers = rules.bySupplier ? await itemSuppliers(db) : new Map<number, string>();
  const madeAs = fingerprint(settings, rules, suppliers);
  const planningOf: PlanningOf = (storeId, itemId) =>
    rules.valuesOf({ storeId, itemId, supplierId: suppliers.get(itemId) ?? '' });
  const all = state.madeFor !== state.asOfDate || state.madeAs !== madeAs;
  await assertHeld(db, run);
  // A line that was mended or taken out is no story any more, whether or not it changes a forecast.
  await clearFindings(db, ['planning_file']);
  await keepFindings(db, run.run_seq, rules.findings);
  if (!all && state.dirtyPairs === 0) return 0;
  const { asOfDate, madeFor } = state;
  const anew = madeFor === null || madeFor > asOfDate;
  await refreshCancelledSales(db, run, anew ? undefined : madeFor, asOfDate);
  const chain = await readChain(pipeline, asOfDate);
  // Outside what is kept, a record knows of its store only the ground it stands on.
  const grounds = groundTexts(chain.outlook.grounds, chain.origins);
  if (all) await dropRecords(db, run, grounds);
  else await markMovedGrounds(db, run, grounds);
  // Neither looks at what the other makes, and PostgreSQL groups items while threads here forecast pairs.
  const [pairs] = await sideBySide(
    forecastPairs(pipeline, run, { asOfDate, planningOf, all, chain }, signal, report),
    refreshClusters(pipeline, run, state, signal),
  );
  await poolForecasts(pipeline, run, { asOfDate, planningOf, madeAs, chain }, signal);
  return pairs;
}

/** What is said about ordering a pair's item. */
export type PlanningOf = (storeId: number, itemId: number) => PlanningValues;

/** What stores sold, and what follows for the pairs of each. */
export type Chain = Readonly<{ origins: Origins; outlook: ChainOutlook }>;

async function readChain({ db, settings }: Pipeline, asOfDate: string): Promise<Chain> {
  const stores = await storeHistories(db, historyFrom(asOfDate), asOfDate);
  const firstDay = firstDayOf(stores, asOfDate);
  const origins = originsOf(dayNumber(asOfDate), firstDay);
  return { origins, outlook: chainOutlook(stores, origins, firstDay, settings.silentDays) };
}

/** First half: records of the pairs with news, block by block, computed by threads while the next is read. */
async function forecastPairs(
  { db, settings }: Pipeline,
  run: Run,
  {
    asOfDate,
    planningOf,
    all,
    chain,
  }: Readonly<{ asOfDate: string; planningOf: PlanningOf; all: boolean; chain: Chain }>,
  signal: AbortSignal,
  report: Report,
): Promise<number> {
  const horizonOf = (storeId: number, itemId: number) => protectionDays(planningOf(storeId, itemId)) ?? 0;
  const { origins, outlook } = chain;
  const threads = openForecastThreads({ origins, grounds: outlook.grounds, xyzCuts: settings.xyzCuts });
  const series = { from: historyFrom(asOfDate), until: asOfDate, dirtyOnly: !all, horizonOf };
  let pairs = 0;
  // One more than there are threads, so that none waits for its next block.
  const underWay = new UnderWay(threads.count + 1);
  try {
    await eachPairBlock(db, series, async (block) => {
      signal.throwIfAborted();
      const keep = async () => {
        await keepRecords(db, run, block, await threads.forecast(block), all);
        pairs += block.storeIds.length;
        report(`forecast: ${pairs.toLocaleString('en-US')} pairs`);
      };
      await underWay.add(keep());
    });
    await underWay.end();
  } finally {
    await underWay.settled();
    await threads.close();
  }
  return pairs;
}

/** What else than the events a forecast depends on. */
function fingerprint(settings: Settings, rules: PlanningRules, suppliers: ReadonlyMap<number, string>): string {
  const { forecastConfidence, silentDays, abcCuts, xyzCuts } = settings;
  const supplied = createHash('sha256');
  for (const [itemId, supplierId] of [...suppliers].sort(([a], [b]) => a - b))
    supplied.update(`${itemId} ${supplierId}\n`);
  return JSON.stringify([
    method,
    forecastConfidence,
    silentDays,
    abcCuts,
    xyzCuts,
    rules.fingerprint,
    supplied.digest('hex').slice(0, 16),
  ]);
}
