import { address } from '../api.js';
import { element } from '../element.js';
import { period } from '../filters.js';
import { picture } from '../picture.js';
import { number } from '../words.js';

const mostLines = 8;

/** @typedef {Record<string, any>} Row a row of sales_daily.csv with the store's name */

/** @param {import('../board.js').Given} given */
const asks = ({ item, filters, asOfDate }) => {
  const { from, to } = period(filters, asOfDate);
  return { days: address('days', { item, stores: filters.stores, from, to }) };
};
const follows = ['stores', 'from', 'to'];

/** @param {import('../api.js').Answer | undefined} answer @param {import('../board.js').Given} given @returns {Row[]} */
function named(answer, { stores }) {
  const names = new Map(stores.map(({ store_id, store_name }) => [store_id, store_name || `Store ${store_id}`]));
  return (answer?.days ?? []).map((/** @type {Row} */ row) => ({
    ...row,
    store: names.get(row.store_id) ?? `Store ${row.store_id}`,
  }));
}

/** @type {import('../table.js').Column<Row>[]} */
const columns = [
  { title: 'Date', cell: (row) => row.business_date },
  { title: 'Store', cell: (row) => row.store },
  { title: 'Sold', figure: true, cell: (row) => number(row.units_sold) },
  { title: 'of it picked up', figure: true, cell: (row) => number(row.units_bopis) },
  { title: 'Restocked', figure: true, cell: (row) => number(row.units_restocked) },
  { title: 'Shrink', figure: true, cell: (row) => number(row.units_shrink) },
  { title: 'On hand at the end', figure: true, cell: (row) => number(row.closing_quantity) },
];

const x = {
  field: 'business_date',
  type: 'temporal',
  timeUnit: 'utcyearmonthdate',
  title: null,
  axis: { format: '%-d %b', labelOverlap: true, grid: false },
};

/** Final quantity of one item over time, a line per store. @type {import('../board.js').Section} */
export const quantityOverTime = {
  id: 'quantity',
  follows,
  asks,
  draw: ({ days }, given) => {
    const rows = named(days, given).filter(({ closing_quantity: closing }) => closing !== null);
    const stores = [...new Set(rows.map(({ store }) => store))];
    const some = stores.slice(0, mostLines);
    const said =
      stores.length > mostLines
        ? `The first ${mostLines} of ${stores.length} stores; choose stores above to see others.`
        : null;
    const shown = rows.filter(({ store }) => some.includes(store));
    const spec = {
      height: 240,
      data: { values: shown },
      mark: { type: 'line', interpolate: 'step-after', point: { size: 16 } },
      encoding: {
        x,
        y: { field: 'closing_quantity', type: 'quantitative', title: 'on hand at the end of the day' },
        color: { field: 'store', type: 'nominal', title: null },
        tooltip: [
          { field: 'store', title: 'Store' },
          { field: 'business_date', title: 'Date', type: 'nominal' },
          { field: 'closing_quantity', title: 'On hand', format: ',' },
        ],
      },
    };
    return [
      said === null ? null : element('p', { class: 'more' }, said),
      picture(
        'quantity',
        { spec, label: 'Quantity on hand at the end of each day, per store', rows: shown, columns },
        'No day of these dates has a known quantity.',
      ),
    ];
  },
};

const kinds = ['sold in store', 'picked up', 'restocked', 'shrink'];

/** Every change type of one item against its final quantity, the stores added up. @type {import('../board.js').Section} */
export const changeTypes = {
  id: 'change-types',
  follows,
  asks,
  draw: ({ days }, given) => {
    const rows = named(days, given);
    const closings = sums(rows);
    const moves = rows.flatMap((row) => [
      { business_date: row.business_date, kind: kinds[0], quantity: -(row.units_sold - row.units_bopis) },
      { business_date: row.business_date, kind: kinds[1], quantity: -row.units_bopis },
      { business_date: row.business_date, kind: kinds[2], quantity: row.units_restocked },
      { business_date: row.business_date, kind: kinds[3], quantity: -row.units_shrink },
    ]);
    const tip = { field: 'business_date', title: 'Date', type: 'nominal' };
    const spec = {
      height: 260,
      layer: [
        {
          data: { values: moves.filter(({ quantity }) => quantity !== 0) },
          mark: { type: 'bar' },
          encoding: {
            x,
            y: { field: 'quantity', type: 'quantitative', aggregate: 'sum', title: 'units in and out' },
            color: { field: 'kind', type: 'nominal', title: null, scale: { domain: kinds } },
            tooltip: [
              tip,
              { field: 'kind', title: 'What' },
              { field: 'quantity', aggregate: 'sum', title: 'Units', format: '+,' },
            ],
          },
        },
        {
          data: { values: closings },
          mark: { type: 'line', interpolate: 'step-after', strokeDash: [5, 3], color: '#8a8f98' },
          encoding: {
            x,
            y: { field: 'closing_quantity', type: 'quantitative', title: 'on hand (dashed)' },
            tooltip: [tip, { field: 'closing_quantity', title: 'On hand', format: ',' }],
          },
        },
      ],
      resolve: { scale: { y: 'independent' } },
    };
    const label = 'Units in and out per day by change type, and quantity on hand';
    return picture('change-types', { spec, label, rows, columns });
  },
};

/** On hand of the stores together, on dates where each store has a figure. @param {readonly Row[]} rows */
function sums(rows) {
  const stores = new Set(rows.map(({ store_id }) => store_id)).size;
  /** @type {Map<string, { business_date: string, closing_quantity: number, known: number }>} */
  const byDate = new Map();
  for (const { business_date, closing_quantity } of rows) {
    if (closing_quantity === null) continue;
    const sum = byDate.get(business_date) ?? { business_date, closing_quantity: 0, known: 0 };
    sum.closing_quantity += closing_quantity;
    sum.known += 1;
    byDate.set(business_date, sum);
  }
  return [...byDate.values()].filter(({ known }) => known === stores);
}
