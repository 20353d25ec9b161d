import { address } from '../api.js';
import { element } from '../element.js';
import { pager, table } from '../table.js';
import { day, number, storeName } from '../words.js';

const size = 20;
const usual = 'negative,out,low';
const statuses = [
  ['negative', 'below zero'],
  ['out', 'out'],
  ['low', 'low'],
  ['ok', 'ok'],
  ['unknown', 'unknown'],
];
const words = new Map(/** @type {[string, string][]} */ (statuses));

/** @param {string | undefined} status */
export function statusChip(status) {
  return element('span', { class: `stock ${status}` }, words.get(status ?? '') ?? status ?? '');
}

/** @typedef {Record<string, any>} Row a row of inventory_current.csv */

/** @type {import('../table.js').Column<Row>[]} */
export const stockColumns = [
  {
    title: 'Rank',
    figure: true,
    sort: 'low_stock_rank',
    cell: (row) => number(row.low_stock_rank),
    hint: '1 is furthest below its safety stock',
  },
  {
    title: 'Item',
    sort: 'item_name',
    cell: (row) =>
      element('a', { href: `/item/${row.item_id}?stores=${row.store_id}` }, row.item_name || `Item ${row.item_id}`),
  },
  {
    title: 'Store',
    sort: 'store_name',
    cell: (row) => element('a', { href: `/store/${row.store_id}` }, storeName(row.store_id, row.store_name)),
  },
  { title: 'Status', cell: (row) => statusChip(row.stock_status) },
  { title: 'On hand', figure: true, sort: 'final_quantity', cell: (row) => number(row.final_quantity) },
  {
    title: 'Safety stock',
    figure: true,
    sort: 'safety_stock_quantity',
    cell: (row) => number(row.safety_stock_quantity),
    hint: 'that of the item file',
  },
  {
    title: 'Per day',
    figure: true,
    sort: 'avg_daily_demand',
    cell: (row) => number(row.avg_daily_demand, 2),
    hint: 'mean demand of a day, 28 days',
  },
  { title: 'Days of cover', figure: true, sort: 'days_of_cover', cell: (row) => number(row.days_of_cover, 1) },
  { title: 'Runs out', sort: 'stockout_date', cell: (row) => day(row.stockout_date) },
  {
    title: 'Order',
    figure: true,
    sort: 'reorder_quantity',
    cell: (row) => number(row.reorder_quantity),
    hint: 'proposed quantity; needs LEAD_TIME_DAYS, see docs/planning.md',
  },
  {
    title: 'Next month',
    figure: true,
    sort: 'forecast_next_month',
    cell: (row) => number(row.forecast_next_month, 1),
    hint: 'planning forecast, units',
  },
  { title: 'Last sale', sort: 'last_sale_time', cell: (row) => day(row.last_sale_time?.slice(0, 10)) },
];

/** What needs a person: pairs that are low, out or below zero. @type {import('../board.js').Section} */
export const lowStock = {
  id: 'low-stock',
  follows: ['stores', 'q', 'status', 'sort', 'dir', 'page'],
  asks: (given) => ({ stock: address('stock', { ...asked(given), page: given.filters.page, size }) }),
  draw: ({ stock }, given) => {
    const { filters, set } = given;
    const by = filters.sort ?? 'low_stock_rank';
    const descending = filters.dir === 'desc';
    const onSort = (/** @type {string} */ next) =>
      set({ sort: next === 'low_stock_rank' ? '' : next, dir: next === by && !descending ? 'desc' : '', page: '' });
    const page = Number(filters.page ?? 1);
    const total = stock?.total ?? 0;
    const rows = stock?.rows ?? [];
    const columns = given.store === null ? stockColumns : stockColumns.filter(({ title }) => title !== 'Store');
    return [
      controls(given),
      rows.length === 0
        ? element(
            'p',
            { class: 'empty' },
            filters.q
              ? `No pair of this search: “${filters.q}”.`
              : 'No pair of these statuses: nothing needs a person here.',
          )
        : table(columns, rows, { caption: 'Pairs of a store and an item', sorted: { by, descending }, onSort }),
      pager({ page, more: page * size < total, total, size, noun: 'pair' }, (next) =>
        set({ page: next === 1 ? '' : String(next) }),
      ),
    ];
  },
};

/** @param {import('../board.js').Given} given */
function asked({ filters, store }) {
  const status = filters.status === 'all' ? '' : (filters.status ?? usual);
  return { stores: store ?? filters.stores, q: filters.q, status, sort: filters.sort, dir: filters.dir };
}

/** @param {import('../board.js').Given} given */
function controls(given) {
  const { filters, set } = given;
  const now = filters.status === 'all' ? statuses.map(([status]) => status) : (filters.status ?? usual).split(',');
  const chip = ([status, label] = ['', '']) => {
    const on = now.includes(status);
    const turn = () => {
      const next = statuses.map(([one]) => one ?? '').filter((one) => (one === status ? !on : now.includes(one)));
      const text = next.length === statuses.length || next.length === 0 ? 'all' : next.join(',');
      set({ status: text === usual ? '' : text, page: '' });
    };
    return element('button', { type: 'button', class: 'small', 'aria-pressed': String(on), click: turn }, label);
  };
  let typed = 0;
  const search = element('input', {
    type: 'search',
    value: filters.q ?? '',
    placeholder: 'Item name or id',
    'aria-label': 'Search these pairs by item name or id',
    input: (event) => {
      typed += 1;
      const mine = typed;
      const { value } = /** @type {HTMLInputElement} */ (event.target);
      setTimeout(() => mine === typed && set({ q: value.trim(), page: '' }, 'replace'), 300);
    },
  });
  const file = `/api/${address('stock.csv', asked(given))}`;
  return element(
    'div',
    { class: 'controls' },
    search,
    element(
      'span',
      { role: 'group', 'aria-label': 'Statuses' },
      statuses.map(([status, label]) => chip([status ?? '', label ?? ''])),
    ),
    element('a', { class: 'download', href: file, download: '' }, 'Download these rows (CSV)'),
  );
}
