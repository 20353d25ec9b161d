import { address } from '../api.js';
import { element } from '../element.js';
import { period } from '../filters.js';
import { picture } from '../picture.js';
import { day, number } from '../words.js';

const mostStores = 15;

/** @typedef {{ store: string, hour: number, units: number, per_day: number }} Row */

/** When stores sell: mean units of each hour of the day. @type {import('../board.js').Section} */
export const salesHourly = {
  id: 'sales-hourly',
  follows: ['stores', 'from', 'to'],
  asks: ({ filters, store, asOfDate }) => {
    const { from, to } = period(filters, asOfDate);
    return { hourly: address('sales/hours-of-day', { stores: store ?? filters.stores, from, to }) };
  },
  draw: ({ hourly }, { stores, filters, asOfDate }) => {
    const { days } = period(filters, asOfDate);
    const names = new Map(stores.map(({ store_id, store_name }) => [store_id, store_name || `Store ${store_id}`]));
    const { rows, left } = hours(hourly?.hours ?? [], names, days);
    const label = `Mean units sold in each hour of the day, ${day(hourly?.from)} to ${day(hourly?.to)}`;
    const said = left > 0 ? `The ${mostStores} stores that sell most, of ${mostStores + left}.` : null;
    return [
      said === null ? null : element('p', { class: 'more' }, said),
      picture('sales-hourly', { spec: spec(rows), label, rows, columns }),
    ];
  },
};

/**
 * @param {any[]} answered @param {Map<number, string>} names @param {number} days
 * @returns {{ rows: Row[], left: number }} of the stores that sell most
 */
function hours(answered, names, days) {
  /** @type {Map<number, Map<number, number>>} */
  const sums = new Map();
  for (const { store_id: store, hour, units_sold: units } of answered) {
    const ofStore = sums.get(store) ?? new Map();
    ofStore.set(hour, (ofStore.get(hour) ?? 0) + units);
    sums.set(store, ofStore);
  }
  const total = (/** @type {Map<number, number>} */ byHour) =>
    [...byHour.values()].reduce((sum, units) => sum + units, 0);
  const order = [...sums].sort((a, b) => total(b[1]) - total(a[1]));
  const rows = order.slice(0, mostStores).flatMap(([store, byHour]) =>
    Array.from({ length: 24 }, (_, hour) => {
      const units = byHour.get(hour) ?? 0;
      return {
        store: names.get(store) ?? `Store ${store}`,
        hour,
        units,
        per_day: Math.round((100 * units) / days) / 100,
      };
    }),
  );
  return { rows, left: Math.max(0, order.length - mostStores) };
}

/** @type {import('../table.js').Column<Row>[]} */
const columns = [
  { title: 'Store', cell: (row) => row.store },
  { title: 'Hour', figure: true, cell: (row) => `${row.hour}:00` },
  { title: 'Units a day', figure: true, cell: (row) => number(row.per_day, 2) },
  { title: 'Units in all', figure: true, cell: (row) => number(row.units) },
];

/** @param {readonly Row[]} rows */
function spec(rows) {
  return {
    height: { step: 26 },
    data: { values: rows },
    mark: { type: 'rect', cornerRadius: 2 },
    encoding: {
      x: {
        field: 'hour',
        type: 'ordinal',
        title: 'hour of the day, local time',
        axis: { labelAngle: 0, labelOverlap: true },
      },
      y: { field: 'store', type: 'nominal', title: null, sort: null },
      color: {
        field: 'per_day',
        type: 'quantitative',
        title: 'units a day',
        scale: { zero: true },
        legend: { gradientLength: 160 },
      },
      tooltip: [
        { field: 'store', title: 'Store' },
        { field: 'hour', title: 'Hour', format: 'd' },
        { field: 'per_day', title: 'Units a day', format: ',.2f' },
        { field: 'units', title: 'In all', format: ',' },
      ],
    },
  };
}
