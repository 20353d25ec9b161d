import { address } from '../api.js';
import { element } from '../element.js';
import { period } from '../filters.js';
import { picture } from '../picture.js';
import { day, number } from '../words.js';

const mostLines = 8;

/** @typedef {{ store: string, business_date: string, units: number, transactions: number }} Row */

/** Units sold per store and day. @type {import('../board.js').Section} */
export const salesDaily = {
  id: 'sales-daily',
  follows: ['stores', 'from', 'to'],
  asks: ({ filters, store, asOfDate }) => {
    const { from, to } = period(filters, asOfDate);
    return { daily: address('sales/daily', { stores: store ?? filters.stores, from, to }) };
  },
  draw: ({ daily }) => {
    const days = daily?.days ?? [];
    const stores = new Set(days.map((/** @type {any} */ row) => row.store_id));
    const rows = stores.size > mostLines ? added(days) : days.map(ofStore);
    const label = `Units sold per day, ${day(daily?.from)} to ${day(daily?.to)}`;
    const said =
      stores.size > mostLines ? `${stores.size} stores, added up; choose up to ${mostLines} to see each.` : null;
    return [
      said === null ? null : element('p', { class: 'more' }, said),
      picture('sales-daily', { spec: spec(rows), label, rows, columns }),
    ];
  },
};

/** @param {any} row @returns {Row} */
function ofStore(row) {
  return {
    store: row.store_name || `Store ${row.store_id}`,
    business_date: row.business_date,
    units: row.units_sold,
    transactions: row.transactions,
  };
}

/** The online store's pick-ups double those of the stores: added up they count once. @param {any[]} days @returns {Row[]} */
function added(days) {
  /** @type {Map<string, Row>} */
  const sums = new Map();
  for (const row of days) {
    const sum = sums.get(row.business_date) ?? {
      store: 'these stores',
      business_date: row.business_date,
      units: 0,
      transactions: 0,
    };
    sum.units += row.units_sold - row.online_bopis;
    sum.transactions += row.transactions;
    sums.set(row.business_date, sum);
  }
  return [...sums.values()];
}

/** @type {import('../table.js').Column<Row>[]} */
const columns = [
  { title: 'Date', cell: (row) => row.business_date },
  { title: 'Store', cell: (row) => row.store },
  { title: 'Units sold', figure: true, cell: (row) => number(row.units) },
  { title: 'Receipts', figure: true, cell: (row) => number(row.transactions) },
];

/** @param {readonly Row[]} rows */
function spec(rows) {
  return {
    height: 240,
    data: { values: rows },
    mark: { type: 'line', point: { size: 22 } },
    encoding: {
      x: {
        field: 'business_date',
        type: 'temporal',
        timeUnit: 'utcyearmonthdate',
        title: null,
        axis: { format: '%-d %b', labelOverlap: true, grid: false },
      },
      y: { field: 'units', type: 'quantitative', title: 'units sold' },
      color: { field: 'store', type: 'nominal', title: null },
      tooltip: [
        { field: 'store', title: 'Store' },
        { field: 'business_date', title: 'Date', type: 'nominal' },
        { field: 'units', title: 'Units sold', format: ',' },
        { field: 'transactions', title: 'Receipts', format: ',' },
      ],
    },
  };
}
