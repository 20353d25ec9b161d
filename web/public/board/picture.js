import { drawAgain, drawChart } from './chart.js';
import { element } from './element.js';
import { table } from './table.js';

/**
 * A chart with the same rows as a table beside it.
 * @template Row
 * @typedef {object} Picture
 * @property {object} spec Vega-Lite
 * @property {string} label what it shows, for those who do not see it
 * @property {readonly Row[]} rows
 * @property {readonly import('./table.js').Column<Row>[]} columns
 */

/** Which pictures stand as tables, kept while the page is open. @type {Set<string>} */
const asTable = new Set();

/**
 * @template Row
 * @param {string} name unique on the page
 * @param {Picture<Row>} picture
 * @param {string} [empty] said where there are no rows
 * @returns {HTMLElement}
 */
export function picture(name, { spec, label, rows, columns }, empty = 'Nothing in these dates.') {
  if (rows.length === 0) return element('p', { class: 'empty' }, empty);
  const chart = element('div', { class: 'chart', role: 'img', 'aria-label': label });
  const rest = element('div', { hidden: true });
  const button = element('button', { type: 'button', class: 'small switch', click: turn });
  const figure = element('figure', { class: 'picture' }, button, chart, rest);
  let drawnOnce = false;

  function turn() {
    if (asTable.has(name)) asTable.delete(name);
    else asTable.add(name);
    show();
  }
  function show() {
    const on = asTable.has(name);
    button.textContent = on ? 'Chart' : 'Table';
    button.setAttribute('aria-label', `${on ? 'as a chart' : 'as a table'}: ${label}`);
    if (on && rest.childElementCount === 0) rest.append(table(columns, rows, { caption: label }));
    rest.hidden = !on;
    chart.hidden = on;
    if (on) return;
    // It has a width only once the figure stands on the page.
    if (drawnOnce) drawAgain(chart);
    else
      queueMicrotask(() => void drawChart(chart, spec).catch((error) => chart.replaceChildren(String(error.message))));
    drawnOnce = true;
  }
  show();
  return figure;
}
