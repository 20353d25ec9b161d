import { address } from '../api.js';
import { byId } from '../element.js';
import { table } from '../table.js';
import { number } from '../words.js';
import { stockColumns } from './lowStock.js';

/** @typedef {Record<string, any>} Row */

/** One item in each store: on hand, cover, what to order. @type {import('../board.js').Section} */
export const itemStock = {
  id: 'item-stock',
  follows: ['stores'],
  asks: ({ item, filters }) => ({
    stock: address('stock', { item, stores: filters.stores, sort: 'store_id', size: 500 }),
  }),
  draw: ({ stock }, { item }) => {
    const rows = stock?.rows ?? [];
    const name = rows[0]?.item_name || `Item ${item}`;
    byId('title').textContent = rows.length === 0 ? `Item ${item}: nothing known of it here` : name;
    document.title = `${name} · tillcast`;
    const columns = [
      ...stockColumns.filter(({ title }) => title !== 'Item'),
      {
        title: 'Safety (planned)',
        figure: true,
        cell: (/** @type {Row} */ row) => number(row.safety_stock, 1),
        hint: 'for the service level aimed at, docs/planning.md',
      },
      { title: 'Reorder point', figure: true, cell: (/** @type {Row} */ row) => number(row.reorder_point, 1) },
      { title: 'ABC/XYZ', cell: (/** @type {Row} */ row) => `${row.abc_class ?? '–'}/${row.xyz_class ?? '–'}` },
      { title: 'Demand', cell: (/** @type {Row} */ row) => row.demand_class ?? '–' },
    ];
    return table(columns, rows, { caption: 'This item in each store' });
  },
};
