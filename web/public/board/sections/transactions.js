import { address } from '../api.js';
import { element } from '../element.js';
import { period } from '../filters.js';
import { pager, table } from '../table.js';
import { day, number, storeName } from '../words.js';

const size = 25;
/** Without an item all events of the dates are read. */
const mostDaysOfAll = 7;
const usualDaysOfAll = 2;

/** @typedef {Record<string, any>} Row a row of combined.csv */

/** The history of transactions: each event with the quantity after it. @type {import('../board.js').Section} */
export const transactions = {
  id: 'transactions',
  follows: ['stores', 'from', 'to', 'actions', 'trans', 'tpage'],
  asks: (given) => {
    const { filters, item, store } = given;
    const { from, to } = datesOf(given);
    const asked = { item, stores: store ?? filters.stores, from, to, actions: filters.actions, q: filters.trans };
    return { events: address('events', { ...asked, page: filters.tpage, size }) };
  },
  draw: ({ events }, given) => {
    const { filters, set, item } = given;
    const { cut, days } = datesOf(given);
    const page = Number(filters.tpage ?? 1);
    const rows = events?.rows ?? [];
    const shown = columns.filter(
      ({ title }) => (title !== 'Item' || item === null) && (title !== 'Store' || given.store === null),
    );
    return [
      controls(given),
      element(
        'p',
        { class: 'more' },
        `${day(events?.from)} to ${day(events?.to)}${cut ? `: the newest ${days} days; an item's page has more` : ''}.`,
      ),
      rows.length === 0
        ? element('p', { class: 'empty' }, 'No event in these dates.')
        : table(shown, rows, { caption: 'Events, newest first' }),
      pager({ page, more: events?.has_more ?? false, size, noun: 'event' }, (next) =>
        set({ tpage: next === 1 ? '' : String(next) }),
      ),
    ];
  },
};

/** @param {import('../board.js').Given} given */
function datesOf({ filters, asOfDate, item }) {
  if (item !== null) return period(filters, asOfDate);
  // Unless dates are chosen the newest two will do.
  return period(filters, asOfDate, filters.from || filters.to ? mostDaysOfAll : usualDaysOfAll);
}

/** @param {import('../board.js').Given} given */
function controls({ filters, actions, set }) {
  const now = (filters.actions ?? '').split(',').filter((action) => action !== '');
  const chips = actions.map((action) => {
    const on = now.includes(action);
    const turn = () => {
      const next = actions.filter((one) => (one === action ? !on : now.includes(one)));
      set({ actions: next.length === actions.length ? '' : next.join(','), tpage: '' });
    };
    return element('button', { type: 'button', class: 'small', 'aria-pressed': String(on), click: turn }, action);
  });
  const search = element('input', {
    type: 'search',
    value: filters.trans ?? '',
    placeholder: 'Beginning of a trans_id',
    'aria-label': 'Search by the beginning of a trans_id',
    change: (event) => set({ trans: /** @type {HTMLInputElement} */ (event.target).value.trim(), tpage: '' }),
  });
  return element(
    'div',
    { class: 'controls' },
    search,
    element('span', { role: 'group', 'aria-label': 'Actions' }, chips),
  );
}

/** @type {import('../table.js').Column<Row>[]} */
const columns = [
  { title: 'Local time', cell: (row) => row.date_time },
  { title: 'Store', cell: (row) => storeName(row.store_id, row.store_name) },
  {
    title: 'Item',
    cell: (row) => element('a', { href: `/item/${row.item_id}` }, row.item_name || `Item ${row.item_id}`),
  },
  { title: 'Action', cell: (row) => row.action },
  { title: 'Quantity', figure: true, cell: (row) => number(row.quantity) },
  { title: 'On hand after', figure: true, cell: (row) => number(row.final_quantity) },
  { title: 'trans_id', cell: (row) => row.trans_id ?? '–' },
];
