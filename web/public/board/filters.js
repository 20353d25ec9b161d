import { addDays, daysBetween } from './words.js';

/**
 * What a page is filtered by, as its URL holds it: a page that is copied, kept or gone back to is the same page.
 * @typedef {Record<string, string>} Filters
 */

export const defaultDays = 28;

/** @returns {Filters} */
export function readFilters() {
  return Object.fromEntries([...new URLSearchParams(location.search)].filter(([, value]) => value !== ''));
}

/**
 * @param {Filters} filters
 * @param {'push' | 'replace'} how typing replaces, a choice can be gone back from
 */
export function writeFilters(filters, how) {
  const search = new URLSearchParams(Object.entries(filters).filter(([, value]) => value !== ''));
  // Readable addresses: commas and colons need no escape in a query.
  const text = search.toString().replaceAll('%2C', ',').replaceAll('%3A', ':');
  const url = `${location.pathname}${text === '' ? '' : `?${text}`}${location.hash}`;
  if (how === 'push') history.pushState(null, '', url);
  else history.replaceState(null, '', url);
}

const isDate = (/** @type {string | undefined} */ text) => text !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(text);

/**
 * The dates that are looked at: those of the URL, else the newest 28 of the data. `cut` where they were more than `most`
 * and only the newest are taken.
 * @param {Filters} filters
 * @param {string} asOfDate
 * @param {number} [most]
 */
export function period(filters, asOfDate, most = 400) {
  const to = isDate(filters.to) ? /** @type {string} */ (filters.to) : asOfDate;
  const asked = isDate(filters.from) ? /** @type {string} */ (filters.from) : addDays(to, 1 - defaultDays);
  const from = asked.localeCompare(to) > 0 ? to : asked;
  const days = daysBetween(from, to);
  return { from: days > most ? addDays(to, 1 - most) : from, to, days: Math.min(days, most), cut: days > most };
}

/**
 * The period of the same length before or after; none after the data's end.
 * @param {Filters} filters @param {string} asOfDate @param {-1 | 1} direction
 */
export function neighbour(filters, asOfDate, direction) {
  const { from, to, days } = period(filters, asOfDate);
  const next = { from: addDays(from, direction * days), to: addDays(to, direction * days) };
  return next.to >= asOfDate && direction === 1 ? { from: addDays(asOfDate, 1 - days), to: asOfDate } : next;
}
