import type { RequestHandler } from 'express';
import { addDays } from '../../lib/core/calendar.ts';
import { upperForecast } from '../../lib/postgres/view/forecasts.ts';
import { qualityCounts, rejectedRows } from '../../lib/postgres/view/health.ts';
import type { PublishedView } from '../../lib/postgres/view/publishedView.ts';
import { weekSums } from '../../lib/postgres/view/sales.ts';
import { stockCounts } from '../../lib/postgres/view/stock.ts';
import { grouped } from '../words.ts';
import { type ApiInput, answer } from './answer.ts';
import { parameters } from './parameters.ts';

/** One figure with what it was before. `delta_pct` is null where there is no before, or it was 0. */
export type Kpi = Readonly<{
  kpi: string;
  label: string;
  value: number | null;
  previous_value: number | null;
  delta_pct: number | null;
  unit: string;
  good_direction: 'up' | 'down' | 'none';
  detail: string;
  definition: string;
}>;

const week =
  'the 7 newest complete dates (the date of the newest event is still open), against the 7 dates before them';
const states = 'pairs of a store and an item, as of the newest event';

/** The figures above all: the week and the week before, what needs a person, the month to come. */
export function kpis(input: ApiInput): RequestHandler {
  return answer(input, { stores: parameters.ids }, { kpis: [], from: null, to: null }, async (view, { stores }) => {
    const asOf = view.clock.asOfDate ?? '1970-01-01';
    const to = addDays(asOf, -1);
    const from = addDays(asOf, -7);
    const [sums, counts, months, findings, rejected] = await Promise.all([
      weekSums(view, stores, { from: addDays(from, -7), to }, from),
      stockCounts(view, stores),
      nextMonth(view, stores),
      qualityCounts(view),
      rejectedRows(view),
    ]);
    const now = sums.find((side) => side.newer);
    const before = sums.find((side) => !side.newer);
    const pairs = (status: string) => counts.find((row) => row.stock_status === status)?.pairs ?? 0;
    const found = (severity: string) => findings.find((row) => row.severity === severity)?.findings ?? 0;
    const moved = (key: 'units_sold' | 'transactions' | 'units_restocked' | 'units_shrink') =>
      [now?.[key] ?? 0, before?.[key] ?? null] as const;
    const list: Kpi[] = [
      figure(
        'units_sold',
        'Units sold, 7 days',
        moved('units_sold'),
        'units',
        'up',
        `sales and pick-ups less returns, ${week}; without the online store's pick-up lines, which double a store's`,
      ),
      figure(
        'transactions',
        'Receipts, 7 days',
        moved('transactions'),
        'receipts',
        'up',
        `receipts, once in each store and hour, ${week}`,
      ),
      figure(
        'units_restocked',
        'Units restocked, 7 days',
        moved('units_restocked'),
        'units',
        'none',
        `restock lines, ${week}`,
      ),
      figure(
        'units_shrink',
        'Shrink, 7 days',
        moved('units_shrink'),
        'units',
        'down',
        `shrink lines (lost, broken, stolen), ${week}`,
      ),
      figure(
        'pairs_negative',
        'Below zero',
        [pairs('negative'), null],
        'pairs',
        'down',
        `${states}, whose stock by the books is below 0: a count or a delivery is missing`,
      ),
      figure('pairs_out', 'Out of stock', [pairs('out'), null], 'pairs', 'down', `${states}, whose stock is 0`),
      figure(
        'pairs_low',
        'Low',
        [pairs('low'), null],
        'pairs',
        'down',
        `${states}, at or below the safety stock that the item file names`,
      ),
      {
        ...figure(
          'forecast_next_month',
          `Forecast for ${view.clock.forecastMonth?.slice(0, 7) ?? 'next month'}`,
          [months.value, null],
          'units',
          'none',
          'units that the planning forecast expects to be sold in that month, with its band',
        ),
        detail: months.detail,
      },
      figure(
        'findings',
        'Data findings',
        [found('error') + found('warning'), null],
        'findings',
        'down',
        'errors and warnings in data_quality.csv',
      ),
      figure(
        'rows_rejected',
        'Rows rejected',
        [rejected, null],
        'rows',
        'down',
        'lines of the exports that this run could not read; rejected_rows.csv holds each with its reason',
      ),
    ];
    return { from, to, kpis: list };
  });
}

function figure(
  kpi: string,
  label: string,
  [value, previous]: readonly [number | null, number | null],
  unit: string,
  good: Kpi['good_direction'],
  definition: string,
): Kpi {
  const delta =
    value === null || previous === null || previous === 0 ? null : (100 * (value - previous)) / Math.abs(previous);
  return {
    kpi,
    label,
    value,
    previous_value: previous,
    delta_pct: delta === null ? null : Math.round(delta * 10) / 10,
    unit,
    good_direction: good,
    detail: '',
    definition,
  };
}

/** The next month's planning forecast, of all, or of one store; bands do not add up, so of several stores there is none. */
async function nextMonth(view: PublishedView, stores: readonly number[] | null) {
  if (stores !== null && stores.length !== 1)
    return { value: null, detail: 'choose one store, or all: bands of several do not add up' };
  const series = await upperForecast(view, stores?.[0] ?? null);
  const row = series.find((line) => line.model === 'planning' && line.month === view.clock.forecastMonth) as
    | { units: number | null; lower: number | null; upper: number | null; status: string }
    | undefined;
  if (row?.units == null) return { value: null, detail: 'no forecast yet: too little history' };
  return {
    value: row.units,
    detail: row.lower === null ? '' : `${grouped(Math.round(row.lower))} to ${grouped(Math.round(row.upper ?? 0))}`,
  };
}
