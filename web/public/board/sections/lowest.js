import { address } from '../api.js';
import { element } from '../element.js';
import { picture } from '../picture.js';
import { table } from '../table.js';
import { day, number, storeName } from '../words.js';
import { statusChip } from './lowStock.js';

/** @typedef {Record<string, any>} Row */

/** The 20 lowest pairs, and what moved in them per day and per hour. @type {import('../board.js').Section} */
export const lowest = {
  id: 'lowest',
  follows: ['stores'],
  asks: ({ filters, store }) => ({
    lowest: address('lowest', { stores: store ?? filters.stores, limit: 20, days: 14 }),
  }),
  draw: ({ lowest: answer }) => {
    const pairs = answer?.rows ?? [];
    if (pairs.length === 0) return element('p', { class: 'empty' }, 'No pair has a safety stock to be compared with.');
    const names = new Map(pairs.map((/** @type {Row} */ pair) => [keyOf(pair), nameOf(pair)]));
    const order = pairs.map(nameOf);
    const activity = (answer?.activity ?? []).map((/** @type {Row} */ row) => ({
      ...row,
      pair: names.get(keyOf(row)) ?? keyOf(row),
    }));
    const dates = `${day(answer?.from)} to ${day(answer?.to)}`;
    const byDay = added(activity, 'business_date');
    const byHour = added(activity, 'hour');
    return [
      table(columns, pairs, { caption: 'The 20 lowest pairs' }),
      element(
        'div',
        { class: 'pair' },
        element(
          'div',
          {},
          element('h3', {}, 'Movements per day'),
          picture(
            'lowest-day',
            {
              spec: heat(byDay, order, 'business_date', 'day', '%-d %b'),
              label: `Lowest pairs: units moved per day, ${dates}`,
              rows: byDay,
              columns: dayColumns('business_date', 'Date'),
            },
            'Nothing moved in the newest 14 days.',
          ),
        ),
        element(
          'div',
          {},
          element('h3', {}, 'Movements per hour of the day'),
          picture(
            'lowest-hour',
            {
              spec: heat(byHour, order, 'hour', 'hour of the day'),
              label: `Lowest pairs: units moved per hour of the day, ${dates}`,
              rows: byHour,
              columns: dayColumns('hour', 'Hour'),
            },
            'Nothing moved in the newest 14 days.',
          ),
        ),
      ),
    ];
  },
};

const keyOf = (/** @type {Row} */ { store_id, item_id }) => `${store_id}:${item_id}`;
const nameOf = (/** @type {Row} */ pair) =>
  `${pair.low_stock_rank}. ${pair.item_name || `Item ${pair.item_id}`} · ${storeName(pair.store_id, pair.store_name)}`;

/** @type {import('../table.js').Column<Row>[]} */
const columns = [
  { title: 'Rank', figure: true, cell: (row) => number(row.low_stock_rank) },
  {
    title: 'Item',
    cell: (row) =>
      element('a', { href: `/item/${row.item_id}?stores=${row.store_id}` }, row.item_name || `Item ${row.item_id}`),
  },
  {
    title: 'Store',
    cell: (row) => element('a', { href: `/store/${row.store_id}` }, storeName(row.store_id, row.store_name)),
  },
  { title: 'Status', cell: (row) => statusChip(row.stock_status) },
  { title: 'On hand', figure: true, cell: (row) => number(row.final_quantity) },
  { title: 'Safety stock', figure: true, cell: (row) => number(row.safety_stock_quantity) },
  { title: 'Days of cover', figure: true, cell: (row) => number(row.days_of_cover, 1) },
  { title: 'Last movement', cell: (row) => row.last_event_time?.slice(0, 16) ?? '–' },
];

/** @typedef {{ pair: string, at: string | number, out: number, in: number, events: number }} Moved */

/** @param {readonly Row[]} activity @param {'business_date' | 'hour'} by @returns {Moved[]} */
function added(activity, by) {
  /** @type {Map<string, Moved>} */
  const sums = new Map();
  for (const row of activity) {
    if (row.action === 'inventory report') continue;
    const key = `${row.pair} ${row[by]}`;
    const sum = sums.get(key) ?? { pair: row.pair, at: row[by], out: 0, in: 0, events: 0 };
    if (row.quantity < 0) sum.out -= row.quantity;
    else sum.in += row.quantity;
    sum.events += row.events;
    sums.set(key, sum);
  }
  return [...sums.values()];
}

/** @param {string} by @param {string} title @returns {import('../table.js').Column<Moved>[]} */
function dayColumns(by, title) {
  return [
    { title: 'Pair', cell: (row) => row.pair },
    { title, cell: (row) => (by === 'hour' ? `${row.at}:00` : row.at) },
    { title: 'Units out', figure: true, cell: (row) => number(row.out) },
    { title: 'Units in', figure: true, cell: (row) => number(row.in) },
    { title: 'Events', figure: true, cell: (row) => number(row.events) },
  ];
}

/** @param {readonly Moved[]} rows @param {readonly string[]} order @param {string} by @param {string} title @param {string} [format] */
function heat(rows, order, by, title, format) {
  const hours = Array.from({ length: 24 }, (_, hour) => hour);
  const time = by === 'hour' ? { scale: { domain: hours } } : { timeUnit: 'utcyearmonthdate' };
  return {
    height: { step: 18 },
    data: { values: rows.map((row) => ({ ...row, moved: row.out + row.in })) },
    mark: { type: 'rect', cornerRadius: 2 },
    encoding: {
      x: {
        field: 'at',
        type: 'ordinal',
        ...time,
        title: by === 'hour' ? title : null,
        axis: { format, labelAngle: 0, labelOverlap: true },
      },
      y: { field: 'pair', type: 'nominal', title: null, scale: { domain: order }, axis: { labelLimit: 170 } },
      color: {
        field: 'moved',
        type: 'quantitative',
        title: 'units moved',
        scale: { zero: true },
        legend: { gradientLength: 120 },
      },
      tooltip: [
        { field: 'pair', title: 'Pair' },
        { field: 'at', title: by === 'hour' ? 'Hour' : 'Date', type: 'nominal' },
        { field: 'out', title: 'Units out', format: ',' },
        { field: 'in', title: 'Units in', format: ',' },
        { field: 'events', title: 'Events', format: ',' },
      ],
    },
  };
}
