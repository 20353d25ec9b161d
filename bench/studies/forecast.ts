import { resolve } from 'node:path';
import { cacheFolder, readSettings } from '../../config/settings.ts';
import { dateOf, monthDays } from '../../lib/core/forecast/calendarDays.ts';
import { datasetNames, preparedDataset } from '../datasets/preparedDataset.ts';
import type { Study } from '../study.ts';
import { type Backtest, backtest } from './forecast/backtest.ts';
import { clusterStability, type StabilityRow } from './forecast/clusterStability.ts';
import { type ColdStartRow, coldStart } from './forecast/coldStart.ts';
import { type DaySeries, readDaySeries } from './forecast/daySeries.ts';
import { writeForecast } from './forecast/page.ts';
import { realYear } from './forecast/realYear.ts';
import { type SafetyStockResult, safetyStock } from './forecast/safetyStock.ts';
import { type Speed, speedOf } from './forecast/speed.ts';

const projectDir = resolve(import.meta.dirname, '..', '..');
/** Days of the month on which a forecast is tried. */
const daysOfMonth = [5, 15, 25];
const ordering = { leadTimeDays: 7, reviewPeriodDays: 7 };
/** Weights of a prior for short histories, in days of the pair's own. */
const priorDays = [4, 28];
/** Sums of whole shops in money are no items. */
const withoutItems = new Set(['rossmann']);
const full = { series: 200_000, days: 365 };
const small = { series: 10_000, days: 365 };

export type SetResult = Readonly<{
  name: string;
  pairs: number;
  from: string;
  until: string;
  backtests: readonly Backtest[];
  safetyStock: SafetyStockResult | undefined;
}>;

/** What clusters of the real year's items are good for: as a prior of short histories, and how long they stay. */
export type ClusterResult = Readonly<{
  priors: readonly (ColdStartRow & { priorDays: number })[];
  stability: readonly StabilityRow[];
}>;

export type ForecastResult = Readonly<{
  command: string;
  sets: readonly SetResult[];
  clusters: ClusterResult;
  speed: Speed;
}>;

/**
 * The planning forecast against what came: on the real year and on other real sets of sales, every model on the same
 * forecasts; safety stock tried forward; and how long the computing takes.
 */
export const forecast: Study = async ({ quick, resultsDir, settings, say, signal }) => {
  const { inputDir = resolve(projectDir, '..', 'shared', 'data', 'onlineretail-pos') } = readSettings();
  const sets: SetResult[] = [];
  const study = (name: string, data: DaySeries) => {
    signal.throwIfAborted();
    say(`${name}: ${data.pairs.length.toLocaleString('en-US')} pairs`);
    sets.push(studySet(name, data));
  };
  const year = await realYear(inputDir);
  study('real year', year);
  const clusters = {
    priors: priorDays.flatMap((days) => coldStart(year, days).map((row) => ({ ...row, priorDays: days }))),
    stability: clusterStability(year),
  };
  for (const name of quick ? (['bakery'] as const) : datasetNames) {
    study(name, readDaySeries(await preparedDataset(name, cacheFolder(settings()), signal, say)));
  }
  const speed = await speedOf(quick ? small : full, signal);
  say(`${speed.series.toLocaleString('en-US')} series of ${speed.days} days: ${speed.seconds.toFixed(1)} s`);
  const command = `npm run bench -- forecast${quick ? ' --quick' : ''}`;
  await writeForecast(resultsDir, { command, sets, clusters, speed });
};

function studySet(name: string, data: DaySeries): SetResult {
  // The last month in which every day of the list has come.
  const last = monthDays(data.until - Math.max(...daysOfMonth));
  const backtests = daysOfMonth.map((day) => backtest(data, last.from + day - 1));
  return {
    name,
    pairs: data.pairs.length,
    from: dateOf(data.firstDay),
    until: dateOf(data.until - 1),
    backtests,
    safetyStock: withoutItems.has(name) ? undefined : safetyStock(data, ordering),
  };
}
