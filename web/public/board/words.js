/** Numbers, dates and spans as a person reads them; the same words as the server's pages (web/words.ts). */

/** @param {unknown} value @param {number} [digits] */
export function number(value, digits = 0) {
  if (value === null || value === undefined || value === '') return '–';
  return Number(value).toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** @param {number} count @param {string} noun */
export function countOf(count, noun) {
  return `${number(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** @param {number} seconds */
export function span(seconds) {
  if (seconds < 60) return countOf(Math.max(0, Math.floor(seconds)), 'second');
  if (seconds < 3600) return countOf(Math.floor(seconds / 60), 'minute');
  if (seconds < 2 * 86_400) return countOf(Math.floor(seconds / 3600), 'hour');
  return countOf(Math.floor(seconds / 86_400), 'day');
}

/** `2026-11-05 14:00:00` → `14:00` where it is of today's UTC date, else with the date. @param {string} text */
export function dataTime(text) {
  const today = new Date().toISOString().slice(0, 10);
  return text.slice(0, 10) === today ? text.slice(11, 16) : text.slice(0, 16);
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `2026-11-03` → `3 Nov 2026`. @param {string | null | undefined} text */
export function day(text) {
  if (!text) return '–';
  return `${Number(text.slice(8, 10))} ${months[Number(text.slice(5, 7)) - 1] ?? '?'} ${text.slice(0, 4)}`;
}

/** `2026-11-01` → `Nov 2026`. @param {string} text */
export function month(text) {
  return `${months[Number(text.slice(5, 7)) - 1] ?? '?'} ${text.slice(0, 4)}`;
}

/** @param {string} date `yyyy-MM-dd` @param {number} days */
export function addDays(date, days) {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** Dates from one to another, both counted. @param {string} from @param {string} to */
export function daysBetween(from, to) {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000) + 1;
}

/** @param {number | null} store @param {string | null | undefined} name */
export function storeName(store, name) {
  return name || `Store ${store}`;
}
