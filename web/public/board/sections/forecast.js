import { address } from '../api.js';
import { element } from '../element.js';
import { picture } from '../picture.js';
import { month, number } from '../words.js';

/** @typedef {Record<string, any>} Row a row of forecast.csv */

/** Actual months and the planning forecast with its band. @type {import('../board.js').Section} */
export const forecast = {
  id: 'forecast',
  follows: ['stores'],
  asks: (given) => ({ forecast: address('forecast', series(given)) }),
  draw: ({ forecast: answer }, given) => {
    const rows = (answer?.series ?? []).filter((/** @type {Row} */ row) => row.units !== null);
    const said = words(answer?.series ?? [], answer?.forecast_month ?? null);
    const label = `Units per month: what was sold, and the forecast with its band, ${nameOf(given)}`;
    return [
      element('p', { class: 'more' }, `${nameOf(given)}. ${said}`),
      picture('forecast', { spec: spec(rows), label, rows, columns }, 'No month yet.'),
    ];
  },
};

/** @param {import('../board.js').Given} given */
function chosen({ filters, store }) {
  const stores = (filters.stores ?? '').split(',').filter((id) => id !== '');
  return store ?? (stores.length === 1 ? Number(stores[0]) : null);
}

/** @param {import('../board.js').Given} given */
function series(given) {
  const store = chosen(given);
  if (given.item !== null) return { level: store === null ? 'item' : 'item_store', item: given.item, store };
  return { level: store === null ? 'total' : 'store', store };
}

/** @param {import('../board.js').Given} given */
function nameOf(given) {
  const store = chosen(given);
  if (store !== null) return given.stores.find(({ store_id }) => store_id === store)?.store_name || `Store ${store}`;
  return given.filters.stores ? 'All stores (bands of several stores do not add up: choose one, or all)' : 'All stores';
}

/** @param {readonly Row[]} rows @param {string | null} next */
function words(rows, next) {
  const row = rows.find((one) => one.model === 'planning' && one.month === next);
  if (row === undefined || next === null) return 'There is no forecast of it yet.';
  if (row.units === null) return `No forecast for ${month(next)}: ${String(row.status).replaceAll('_', ' ')}.`;
  const band = row.lower === null ? '' : `, most likely between ${number(row.lower)} and ${number(row.upper)}`;
  const status = row.status === 'ok' || !row.status ? '' : ` (${String(row.status).replaceAll('_', ' ')})`;
  return `${month(next)}: ${number(row.units, 1)} units${band}${status}.`;
}

const models = new Map([
  ['actual', 'sold'],
  ['planning', 'planning forecast'],
  ['last_month', 'as last month'],
  ['linear', 'straight line'],
  ['mean_28d', 'mean of 28 days'],
]);

/** @type {import('../table.js').Column<Row>[]} */
const columns = [
  { title: 'Month', cell: (row) => month(row.month) },
  { title: 'What', cell: (row) => models.get(row.model) ?? row.model },
  { title: 'Units', figure: true, cell: (row) => number(row.units, 1) },
  { title: 'Lower', figure: true, cell: (row) => number(row.lower, 1) },
  { title: 'Upper', figure: true, cell: (row) => number(row.upper, 1) },
  { title: 'Status', cell: (row) => row.status },
];

/** @param {readonly Row[]} rows */
function spec(rows) {
  const values = rows
    .filter(({ model }) => model === 'actual' || model === 'planning' || model === 'last_month')
    .map((row) => ({ ...row, what: models.get(row.model), name: month(row.month) }));
  const x = {
    field: 'month',
    type: 'ordinal',
    timeUnit: 'utcyearmonth',
    title: null,
    axis: { format: '%b %y', labelAngle: 0, labelOverlap: true },
  };
  const y = { field: 'units', type: 'quantitative', title: 'units' };
  const color = {
    field: 'what',
    type: 'nominal',
    title: null,
    legend: { symbolOpacity: 1 },
    scale: { domain: ['sold', 'planning forecast', 'as last month'] },
  };
  const tooltip = [
    { field: 'name', title: 'Month' },
    { field: 'what', title: 'What' },
    { field: 'units', title: 'Units', format: ',.1f' },
    { field: 'lower', title: 'Lower', format: ',.1f' },
    { field: 'upper', title: 'Upper', format: ',.1f' },
  ];
  const only = (/** @type {string} */ model) => [{ filter: { field: 'model', equal: model } }];
  return {
    height: 240,
    data: { values },
    layer: [
      { transform: only('actual'), mark: { type: 'bar', width: { band: 0.7 } }, encoding: { x, y, color, tooltip } },
      {
        transform: only('planning'),
        mark: { type: 'bar', width: { band: 0.34 }, opacity: 0.35 },
        encoding: {
          x,
          y: { field: 'lower', type: 'quantitative', title: 'units' },
          y2: { field: 'upper' },
          color,
          tooltip,
        },
      },
      {
        transform: only('planning'),
        mark: { type: 'point', filled: true, size: 90, shape: 'diamond', opacity: 1 },
        encoding: { x, y, color, tooltip },
      },
      {
        transform: only('last_month'),
        mark: { type: 'tick', thickness: 2, width: { band: 0.5 } },
        encoding: { x, y, color, tooltip },
      },
    ],
  };
}
