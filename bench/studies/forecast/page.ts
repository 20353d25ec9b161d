import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AccuracyRow } from '../../../lib/core/forecast/scoreBoard.ts';
import { writePlot } from '../../plot.ts';
import { type Cell, markdownTable } from '../../tables.ts';
import type { ClusterResult, ForecastResult, SetResult } from '../forecast.ts';
import type { Backtest } from './backtest.ts';

const percent = (share: number | undefined): string => (share === undefined ? '' : (100 * share).toFixed(1));
const levelNames = ['item_store', 'item', 'store', 'total'] as const;
const fewestOfClass = 500;

/** forecast.json, forecast.md and forecast.svg of a result. */
export async function writeForecast(resultsDir: string, result: ForecastResult): Promise<void> {
  writeFileSync(join(resultsDir, 'forecast.json'), `${JSON.stringify(result, null, 2)}\n`);
  writeFileSync(join(resultsDir, 'forecast.md'), page(result));
  const values = result.sets.flatMap((set) =>
    rowsOf(middle(set), 'next_month').map((row) => ({
      set: set.name,
      level: row.level,
      model: row.model,
      wape: 100 * (row.wape ?? 0),
    })),
  );
  await writePlot(join(resultsDir, 'forecast.svg'), {
    title: 'WAPE of next month, by data set and level (lower is better)',
    data: { values },
    facet: { row: { field: 'set', title: null }, column: { field: 'level', sort: [...levelNames], title: null } },
    spec: {
      width: 150,
      height: 90,
      mark: 'bar',
      encoding: {
        x: { field: 'wape', type: 'quantitative', title: 'WAPE, %' },
        y: { field: 'model', type: 'nominal', sort: ['planning', 'mean_28d', 'last_month', 'linear'], title: null },
        color: { field: 'model', type: 'nominal', legend: null },
      },
    },
    resolve: { scale: { x: 'independent' } },
  });
}

function page({ command, sets, clusters, speed }: ForecastResult): string {
  return `# The planning forecast against what came

\`${command}\`: every origin of each data set as a run on that day would score it, all models on the same daily demand
(cancelled sales taken out for all), bands from what was complete at each origin. WAPE, bias and coverage in percent;
bias above 0: too much was forecast. Method and words: docs/forecasting.md.

Computing alone: ${speed.series.toLocaleString('en-US')} series of ${speed.days} days in ${speed.seconds.toFixed(1)} s in ${speed.threads} threads, their pooling (bands, accuracy, all
levels) ${speed.pooling.toFixed(1)} s in one; at most ${speed.peakMb} MB, all records held.

![WAPE by data set and level](forecast.svg)

${sets.map(setPage).join('\n')}
${clusterPart(clusters)}`;
}

function setPage(set: SetResult): string {
  const tried = middle(set);
  return `## ${set.name}

${set.pairs.toLocaleString('en-US')} pairs, ${set.from} to ${set.until}; ${set.backtests.map(({ asOf, origins, every }) => `${origins} origins (every ${every}) before ${asOf}`).join(', ')}.

Next month, origins on day 15 of the month:

${markdownTable(['level', 'model', 'n', 'WAPE', 'bias', 'MASE', 'RMSSE', 'coverage', 'better than last month', 'than 28 days', 'than linear'], rowsOf(tried, 'next_month').map(accuracyCells))}

Difference of WAPE to a rival, level item_store, 90 % of 200 draws of pairs (below 0: planning is better):
${tried.noise.map(({ rival, from, to }) => `${rival} ${percent(from)} to ${percent(to)}`).join('; ')}.

This month, by the day on which it is forecast:

${markdownTable(['level', 'model', 'day', 'n', 'WAPE', 'bias', 'coverage', 'better than run rate'], set.backtests.flatMap(currentRows))}

Coverage by class of at least ${fewestOfClass} forecasts, next month:

${markdownTable(
  ['class', 'day', 'n', 'WAPE', 'coverage'],
  set.backtests.flatMap((one) =>
    one.rows
      .filter((row) => row.level === 'item_store' && row.class !== 'all' && row.n >= fewestOfClass)
      .filter((row) => row.model === 'planning' && row.target === 'next_month')
      .map((row): Cell[] => [row.class, one.asOf.slice(8), row.n, percent(row.wape), percent(row.coverage)]),
  ),
)}
${stockPart(set)}`;
}

function stockPart({ safetyStock }: SetResult): string {
  if (safetyStock === undefined) return '';
  const { rows, heldOut, horizonDays, reviews } = safetyStock;
  return `
Safety stock over ${horizonDays} days, tried forward from ${heldOut.from} to ${heldOut.until} (${reviews} reviews), percent of intervals without a
stock-out, and stock as a multiple of demand:

${markdownTable(
  ['method', 'asked', 'achieved', 'fill rate', 'stock ÷ demand', 'intervals'],
  rows.map(({ method, asked, all }): Cell[] => [
    method,
    percent(asked),
    percent(all.achieved),
    percent(all.fillRate),
    all.stockByDemand.toFixed(2),
    all.intervals,
  ]),
)}
`;
}

function clusterPart({ priors, stability }: ClusterResult): string {
  const weights = [...new Set(priors.map(({ priorDays }) => priorDays))];
  const wape = (history: string, prior: string, days: number | undefined) =>
    percent(priors.find((row) => row.history === history && row.prior === prior && row.priorDays === days)?.wape);
  const kept = stability.map(({ sameName }) => sameName);
  return `## Clusters of the real year

WAPE of the next 28 days of pairs with fewer than 28 known days: their own level, or blended with that of young pairs of
their store or of their item's cluster, which weighs as much as so many days of their own.

${markdownTable(
  ['known', 'pairs', 'own', ...weights.flatMap((days) => [`store, ${days}`, `cluster, ${days}`])],
  [...new Set(priors.map(({ history }) => history))].map((history): Cell[] => [
    history,
    priors.find((row) => row.history === history)?.pairs ?? 0,
    wape(history, 'own', weights[0]),
    ...weights.flatMap((days) => [wape(history, 'store', days), wape(history, 'cluster', days)]),
  ]),
)}

Of the items in a cluster at the first of two months, ${percent(Math.min(...kept))} to ${percent(Math.max(...kept))} % kept the name of theirs (${stability.length} pairs of months; hours play
no part here).
`;
}

type Row = AccuracyRow & { level: string };

function rowsOf({ rows }: Backtest, target: AccuracyRow['target']): Row[] {
  return levelNames.flatMap((level) =>
    rows.filter((row) => row.level === level && row.class === 'all' && row.target === target),
  );
}

function accuracyCells(row: Row): Cell[] {
  const { skill } = row;
  return [
    row.level,
    row.model,
    row.n,
    percent(row.wape),
    percent(row.bias),
    row.mase?.toFixed(2) ?? '',
    row.rmsse?.toFixed(2) ?? '',
    percent(row.coverage),
    ...[skill.last_month, skill.mean_28d, skill.linear].map(percent),
  ];
}

function currentRows(one: Backtest): Cell[][] {
  return rowsOf(one, 'current_month').map((row) => [
    row.level,
    row.model,
    one.asOf.slice(8),
    row.n,
    percent(row.wape),
    percent(row.bias),
    percent(row.coverage),
    percent(row.skill.run_rate),
  ]);
}

function middle({ backtests }: SetResult): Backtest {
  return backtests[Math.floor(backtests.length / 2)] as Backtest;
}
