import { element } from './element.js';
import { countOf } from './words.js';

/** @typedef {import('./element.js').Content} Content */

/**
 * @template Row
 * @typedef {object} Column
 * @property {string} title
 * @property {(row: Row) => Content} cell
 * @property {boolean} [figure] to the right, in even digits
 * @property {string} [sort] the API's name of the column, where it sorts by it
 * @property {string} [hint]
 */

const mostRows = 500;

/**
 * A table that scrolls by itself where the screen is narrow.
 * @template Row
 * @param {readonly Column<Row>[]} columns
 * @param {readonly Row[]} rows
 * @param {{ caption: string, sorted?: { by: string, descending: boolean }, onSort?: (by: string) => void }} options
 */
export function table(columns, rows, { caption, sorted, onSort }) {
  const head = columns.map((column) => {
    const { title, figure, sort, hint } = column;
    const here = sort !== undefined && sort === sorted?.by;
    const order = here ? (sorted?.descending ? 'descending' : 'ascending') : null;
    const mark = here ? (sorted?.descending ? ' ▼' : ' ▲') : '';
    const label =
      sort === undefined || onSort === undefined
        ? title
        : element('button', { type: 'button', class: 'sort', click: () => onSort(sort) }, `${title}${mark}`);
    return element('th', { scope: 'col', class: figure ? 'number' : null, 'aria-sort': order, title: hint }, label);
  });
  const shown = rows.slice(0, mostRows);
  const body = shown.map((row) =>
    element(
      'tr',
      {},
      columns.map(({ cell, figure }) => element('td', { class: figure ? 'number' : null }, cell(row))),
    ),
  );
  const made = element('table', {}, element('caption', { class: 'unseen' }, caption));
  made.append(element('thead', {}, element('tr', {}, head)), element('tbody', {}, body));
  const rest = rows.length - shown.length;
  return element(
    'div',
    { class: 'scrolls', tabindex: 0, role: 'region', 'aria-label': caption },
    made,
    rest === 0 ? null : element('p', { class: 'more' }, `and ${countOf(rest, 'more row')}`),
  );
}

/**
 * @param {{ page: number, more: boolean, total?: number, size: number, noun: string }} where
 * @param {(page: number) => void} go
 */
export function pager({ page, more, total, size, noun }, go) {
  const of = total === undefined ? `page ${page}` : pagesOf(page, size, total, noun);
  if (page === 1 && !more) return element('p', { class: 'pager' }, element('span', {}, of));
  const step = (/** @type {string} */ label, /** @type {number} */ to, /** @type {boolean} */ can) =>
    element('button', { type: 'button', class: 'small', disabled: !can, click: () => go(to) }, label);
  return element(
    'p',
    { class: 'pager' },
    step('‹ Before', page - 1, page > 1),
    element('span', { 'aria-live': 'polite' }, of),
    step('Next ›', page + 1, more),
  );
}

/** @param {number} page @param {number} size @param {number} total @param {string} noun */
function pagesOf(page, size, total, noun) {
  if (total === 0) return `no ${noun}s`;
  const last = Math.min(page * size, total);
  return `${((page - 1) * size + 1).toLocaleString('en-US')}–${last.toLocaleString('en-US')} of ${countOf(total, noun)}`;
}
