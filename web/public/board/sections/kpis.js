import { address } from '../api.js';
import { element } from '../element.js';
import { number } from '../words.js';

/** @typedef {{ kpi: string, label: string, value: number | null, previous_value: number | null, delta_pct: number | null, unit: string, good_direction: string, detail: string, definition: string }} Kpi */

/** The row of figures, with their change against the week before. @type {import('../board.js').Section} */
export const kpis = {
  id: 'kpis',
  follows: ['stores'],
  asks: ({ filters, store }) => ({ kpis: address('kpis', { stores: store ?? filters.stores }) }),
  draw: ({ kpis: answer }) => element('ul', { class: 'kpis' }, answer?.kpis.map(tile)),
};

/** The section of the page that a figure is looked into at. */
const sections = new Map([
  ['pairs_negative', 'low-stock'],
  ['pairs_out', 'low-stock'],
  ['pairs_low', 'low-stock'],
  ['forecast_next_month', 'forecast'],
  ['findings', 'quality'],
  ['rows_rejected', 'quality'],
]);

/** @param {Kpi} kpi */
function tile(kpi) {
  const { label, value, unit, detail, definition } = kpi;
  const named = sections.get(kpi.kpi);
  const target = named !== undefined && document.getElementById(named) !== null ? named : undefined;
  const bad = kpi.good_direction === 'down' && kpi.previous_value === null && (value ?? 0) > 0;
  return element(
    'li',
    { class: bad ? 'kpi look' : 'kpi', title: `${unit}: ${definition}`, 'data-kpi': kpi.kpi },
    element('span', { class: 'kpi-label' }, target === undefined ? label : element('a', { href: `#${target}` }, label)),
    element('b', { class: 'kpi-value' }, number(value)),
    element('span', { class: 'kpi-more' }, change(kpi) ?? detail),
    element('span', { class: 'unseen' }, ` ${unit}: ${definition}`),
  );
}

/** @param {Kpi} kpi */
function change({ delta_pct: delta, previous_value: before, good_direction: good }) {
  if (before === null) return null;
  if (delta === null) return `${number(before)} the week before`;
  if (delta === 0) return 'as the week before';
  const better = good === 'none' ? '' : delta > 0 === (good === 'up') ? 'better' : 'worse';
  const arrow = delta > 0 ? '▲' : '▼';
  return element(
    'span',
    { class: `delta ${better}` },
    `${arrow} ${number(Math.abs(delta), 1)} %`,
    better === '' ? '' : ` ${better}`,
    ` (${number(before)} before)`,
  );
}
