import { address } from '../api.js';
import { element } from '../element.js';
import { period } from '../filters.js';
import { picture } from '../picture.js';
import { day, number } from '../words.js';

const mostDays = 92;

/** @typedef {{ item_id: number, item_name: string, units_sold: number, previous_units_sold: number | null }} Row */

/** The items that sell most, against as many dates before. @type {import('../board.js').Section} */
export const topItems = {
  id: 'top-items',
  follows: ['stores', 'from', 'to'],
  asks: ({ filters, store, asOfDate }) => {
    const { from, to } = period(filters, asOfDate, mostDays);
    return { top: address('sales/top-items', { stores: store ?? filters.stores, from, to, limit: 15 }) };
  },
  draw: ({ top }, { filters, asOfDate }) => {
    const rows = top?.items ?? [];
    const label = `Items that sold most, ${day(top?.from)} to ${day(top?.to)}, and in as many days before`;
    const said = period(filters, asOfDate, mostDays).cut ? `The newest ${mostDays} days of these dates.` : null;
    return [
      said === null ? null : element('p', { class: 'more' }, said),
      picture('top-items', { spec: spec(rows), label, rows, columns }),
    ];
  },
};

/** @type {import('../table.js').Column<Row>[]} */
const columns = [
  {
    title: 'Item',
    cell: (row) => element('a', { href: `/item/${row.item_id}` }, row.item_name || `Item ${row.item_id}`),
  },
  { title: 'Units sold', figure: true, cell: (row) => number(row.units_sold) },
  { title: 'Before', figure: true, cell: (row) => number(row.previous_units_sold) },
];

/** @param {readonly Row[]} rows */
function spec(rows) {
  const values = rows.map((row) => ({
    ...row,
    item: `${row.item_name || 'Item'} · ${row.item_id}`,
    url: `/item/${row.item_id}`,
  }));
  const y = { field: 'item', type: 'nominal', title: null, sort: null, axis: { labelLimit: 190 } };
  const tooltip = [
    { field: 'item', title: 'Item' },
    { field: 'units_sold', title: 'Units sold', format: ',' },
    { field: 'previous_units_sold', title: 'As many days before', format: ',' },
  ];
  return {
    height: { step: 22 },
    data: { values },
    layer: [
      {
        mark: { type: 'bar', cornerRadiusEnd: 2, cursor: 'pointer' },
        encoding: {
          y,
          x: { field: 'units_sold', type: 'quantitative', title: 'units sold (tick: as many days before)' },
          href: { field: 'url' },
          tooltip,
        },
      },
      {
        mark: { type: 'tick', thickness: 2, color: { expr: "'currentColor'" } },
        encoding: { y, x: { field: 'previous_units_sold', type: 'quantitative' }, tooltip },
      },
    ],
  };
}
