import { address } from '../api.js';
import { element } from '../element.js';
import { picture } from '../picture.js';
import { pager, table } from '../table.js';
import { month, number } from '../words.js';

/** @typedef {Record<string, any>} Row */

const levels = new Map([
  ['total', 'all stores'],
  ['store', 'a store'],
  ['item', 'an item'],
  ['item_store', 'an item in a store'],
]);

/** How good the forecast was on the data at hand. @type {import('../board.js').Section} */
export const accuracy = {
  id: 'accuracy',
  follows: [],
  asks: () => ({ accuracy: 'accuracy' }),
  draw: ({ accuracy: answer }) => {
    const rows = inOrder(answer?.rows ?? []);
    if (rows.length === 0)
      return element(
        'p',
        { class: 'empty' },
        'Not yet: it takes some months of history to forecast the past and compare.',
      );
    return [
      element(
        'p',
        { class: 'more' },
        'Past months forecast from what was known before them, against what was sold. WAPE: all errors as a share of all units, lower is better. Coverage: how often the truth fell into the band.',
      ),
      table(accuracyColumns, rows, { caption: 'Forecast accuracy' }),
    ];
  },
};

/** All months together, the large sums first, the planning forecast before those it is held against. @param {Row[]} rows */
function inOrder(rows) {
  const order = ['total', 'store', 'item', 'item_store'];
  const place = (/** @type {Row} */ row) =>
    order.indexOf(row.level) * 4 + (row.class === 'all' ? 0 : 2) + (row.model === 'planning' ? 0 : 1);
  return rows.filter((row) => row.month === null).sort((a, b) => place(a) - place(b));
}

const percent = (/** @type {number | null} */ share, digits = 0) =>
  share === null || share === undefined ? '–' : `${number(100 * share, digits)} %`;

/** @type {import('../table.js').Column<Row>[]} */
const accuracyColumns = [
  { title: 'Level', cell: (row) => levels.get(row.level) ?? row.level },
  { title: 'Class', cell: (row) => row.class || 'all' },
  { title: 'Model', cell: (row) => String(row.model).replaceAll('_', ' ') },
  { title: 'Of', cell: (row) => String(row.target).replaceAll('_', ' ') },
  { title: 'WAPE', figure: true, cell: (row) => percent(row.wape, 1) },
  { title: 'Bias', figure: true, cell: (row) => percent(row.bias, 1) },
  { title: 'MASE', figure: true, cell: (row) => number(row.mase, 2) },
  { title: 'Coverage', figure: true, cell: (row) => percent(row.coverage) },
  { title: 'Better than last month', figure: true, cell: (row) => percent(row.skill_last_month, 1) },
];

/** Forecasts that were published, against what came. @type {import('../board.js').Section} */
export const forecastHistory = {
  id: 'forecast-history',
  follows: ['stores'],
  asks: ({ item }) => ({ history: address('forecast-history', { item }) }),
  draw: ({ history }, { stores, store, filters }) => {
    const chosen = new Set(
      (store ?? filters.stores ?? '')
        .toString()
        .split(',')
        .filter((id) => id !== '')
        .map(Number),
    );
    const rows = (history?.rows ?? []).filter(
      (/** @type {Row} */ row) => chosen.size === 0 || row.store_id === null || chosen.has(row.store_id),
    );
    if (rows.length === 0) return element('p', { class: 'empty' }, 'No month that was forecast is over yet.');
    const names = new Map(stores.map(({ store_id, store_name }) => [store_id, store_name || `Store ${store_id}`]));
    /** @type {import('../table.js').Column<Row>[]} */
    const columns = [
      { title: 'Month', cell: (row) => month(row.month) },
      { title: 'Of', cell: (row) => (row.store_id === null ? 'all stores' : names.get(row.store_id)) },
      { title: 'With data to', cell: (row) => row.made_for },
      { title: 'Forecast', figure: true, cell: (row) => number(row.units, 1) },
      { title: 'Band', figure: true, cell: (row) => `${number(row.lower, 1)} – ${number(row.upper, 1)}` },
      { title: 'Sold', figure: true, cell: (row) => number(row.actual_units) },
      { title: 'In the band', cell: (row) => (row.in_band === 'true' ? 'yes' : row.in_band === 'false' ? 'no' : '–') },
    ];
    return table(columns, rows, { caption: 'Past forecasts against what was sold' });
  },
};

/** What is wrong, or odd, with the data. @type {import('../board.js').Section} */
export const quality = {
  id: 'quality',
  follows: ['rpage'],
  asks: ({ filters }) => ({ quality: address('quality', { page: filters.rpage, size: 10 }) }),
  draw: ({ quality: answer }, { filters, set }) => {
    const findings = answer?.findings ?? [];
    const rejected = answer?.rejected ?? [];
    const total = answer?.rejected_total ?? 0;
    const page = Number(filters.rpage ?? 1);
    return [
      findings.length === 0
        ? element('p', { class: 'empty' }, 'No finding: all rules hold.')
        : table(findingColumns, findings, { caption: 'Findings of data_quality.csv' }),
      element('h3', {}, 'Rejected rows'),
      rejected.length === 0
        ? element('p', { class: 'empty' }, 'No row was rejected.')
        : table(rejectColumns, rejected, { caption: 'Rejected rows, newest first' }),
      total === 0
        ? null
        : pager({ page, more: page * 10 < total, total, size: 10, noun: 'row' }, (next) =>
            set({ rpage: next === 1 ? '' : String(next) }),
          ),
    ];
  },
};

/** @type {import('../table.js').Column<Row>[]} */
const findingColumns = [
  { title: 'Severity', cell: (row) => element('span', { class: `status severity ${row.severity}` }, row.severity) },
  { title: 'Rule', cell: (row) => String(row.rule).replaceAll('_', ' ') },
  { title: 'Of', cell: (row) => row.subject ?? '' },
  { title: 'Count', figure: true, cell: (row) => number(row.count) },
  { title: 'What', cell: (row) => row.detail },
];

/** @type {import('../table.js').Column<Row>[]} */
const rejectColumns = [
  { title: 'File', cell: (row) => row.file },
  { title: 'Line', figure: true, cell: (row) => number(row.line) },
  { title: 'Column', cell: (row) => row.column ?? '' },
  { title: 'Value', cell: (row) => row.value ?? '' },
  { title: 'Reason', cell: (row) => row.reason },
];

/** How long rows take from the producer to the databases. @type {import('../board.js').Section} */
export const latency = {
  id: 'latency',
  follows: [],
  asks: () => ({ latency: 'latency?limit=200' }),
  draw: ({ latency: answer }) => {
    const rows = answer?.rows ?? [];
    const spec = {
      height: 180,
      data: { values: rows },
      mark: { type: 'point', filled: true, opacity: 0.8 },
      encoding: {
        x: {
          field: 'rows',
          type: 'quantitative',
          title: 'rows in the batch',
          scale: { type: 'symlog' },
          axis: { grid: false, tickCount: 6 },
        },
        y: { field: 'latency_seconds', type: 'quantitative', title: 'seconds' },
        tooltip: [
          { field: 'batch_run_id', title: 'Run' },
          { field: 'rows', title: 'Rows', format: ',' },
          { field: 'latency_seconds', title: 'Seconds', format: ',.3f' },
          { field: 'postgres_ms', title: 'PostgreSQL ms', format: ',.0f' },
          { field: 'mongodb_ms', title: 'MongoDB ms', format: ',.0f' },
        ],
      },
    };
    return picture(
      'latency',
      { spec, label: 'Latency of the newest batches against their rows', rows, columns: latencyColumns },
      'No batch was measured yet.',
    );
  },
};

/** @type {import('../table.js').Column<Row>[]} */
const latencyColumns = [
  { title: 'Finished (UTC)', cell: (row) => row.finished_time_utc },
  { title: 'Run', cell: (row) => element('a', { href: `/runs/${row.batch_run_id}` }, row.batch_run_id) },
  { title: 'Rows', figure: true, cell: (row) => number(row.rows) },
  { title: 'Latency, s', figure: true, cell: (row) => number(row.latency_seconds, 3) },
  { title: 'Kafka, ms', figure: true, cell: (row) => number(row.kafka_wait_ms) },
  { title: 'Parse, ms', figure: true, cell: (row) => number(row.parse_ms) },
  { title: 'PostgreSQL, ms', figure: true, cell: (row) => number(row.postgres_ms) },
  { title: 'MongoDB, ms', figure: true, cell: (row) => number(row.mongodb_ms) },
];
