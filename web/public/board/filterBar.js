import { onKey } from '../keys.js';
import { ask } from './api.js';
import { element } from './element.js';
import { neighbour, period } from './filters.js';
import { addDays, number } from './words.js';

/** @typedef {import('./board.js').Given} Given */
/** @typedef {import('./board.js').Section} Section */

const spans = [7, 28, 56, 92];
const suggestions = 8;
const typingMs = 250;

/** The filters of a page: stores, an item to go to, dates. @type {Section} */
export const filterBar = {
  id: 'filters',
  follows: ['stores', 'from', 'to'],
  asks: () => ({}),
  draw: (_answers, given) => [
    given.store === null ? storesPick(given) : null,
    given.item === null ? itemSearch() : null,
    dates(given),
  ],
};

/** @param {Given} given */
function storesPick({ stores, filters, set }) {
  const chosen = new Set((filters.stores ?? '').split(',').filter((id) => id !== ''));
  const summary =
    chosen.size === 0 ? 'all' : chosen.size === 1 ? nameOf([...chosen][0]) : `${chosen.size} of ${stores.length}`;
  /** @param {string | undefined} id */
  function nameOf(id) {
    return stores.find(({ store_id }) => String(store_id) === id)?.store_name || `store ${id}`;
  }
  const box = (/** @type {import('./board.js').Store} */ { store_id: id, store_name: name, is_online: online }) => {
    const change = (/** @type {Event} */ event) => {
      if (/** @type {HTMLInputElement} */ (event.target).checked) chosen.add(String(id));
      else chosen.delete(String(id));
      set({
        stores: [...chosen]
          .map(Number)
          .sort((a, b) => a - b)
          .join(','),
      });
    };
    const input = element('input', { type: 'checkbox', checked: chosen.has(String(id)), change });
    return element('label', {}, input, ` ${name || `Store ${id}`}${online ? ' (online)' : ''}`);
  };
  return element(
    'details',
    { class: 'pick' },
    element('summary', {}, 'Stores: ', element('b', {}, summary)),
    element(
      'div',
      { class: 'menu' },
      element('button', { type: 'button', class: 'small', click: () => set({ stores: '' }) }, 'All stores'),
      ...stores.map(box),
    ),
  );
}

function itemSearch() {
  const list = element('ul', { class: 'menu', hidden: true, id: 'found' });
  let typed = 0;
  const input = element('input', {
    type: 'search',
    id: 'item-search',
    placeholder: 'Go to an item: name or id',
    'aria-label': 'Go to an item: name or id',
    'aria-keyshortcuts': '/',
    'aria-controls': 'found',
    autocomplete: 'off',
    input: () => {
      typed += 1;
      const mine = typed;
      setTimeout(() => mine === typed && void suggest(), typingMs);
    },
    keydown: (event) => {
      const { key } = /** @type {KeyboardEvent} */ (event);
      if (key === 'ArrowDown') list.querySelector('a')?.focus();
      else if (key === 'Escape') list.hidden = true;
      else if (key === 'Enter') void suggest().then(() => list.querySelector('a')?.click());
      else return;
      event.preventDefault();
    },
  });
  async function suggest() {
    const text = input.value.trim();
    list.hidden = text === '';
    if (text === '') return;
    const { items } = await ask(`items?size=${suggestions}&q=${encodeURIComponent(text)}`).catch(() => ({ items: [] }));
    list.replaceChildren(...items.map(suggestion));
    if (items.length === 0) list.append(element('li', { class: 'quiet' }, 'no item of this name or id'));
  }
  list.addEventListener('keydown', (event) => {
    const links = [...list.querySelectorAll('a')];
    const at = links.indexOf(/** @type {HTMLAnchorElement} */ (document.activeElement));
    if (event.key === 'ArrowDown') links[at + 1]?.focus();
    else if (event.key === 'ArrowUp') (at === 0 ? input : links[at - 1])?.focus();
    else if (event.key === 'Escape') input.focus();
    else return;
    event.preventDefault();
  });
  return element('div', { class: 'search' }, input, list);
}

/** @param {{ item_id: number, item_name: string, final_quantity: number | null }} item */
function suggestion({ item_id: id, item_name: name, final_quantity: quantity }) {
  const stock = element('span', { class: 'quiet' }, ` ${id} · ${number(quantity)} on hand`);
  return element('li', {}, element('a', { href: `/item/${id}` }, name || `Item ${id}`, stock));
}

/** @param {Given} given */
function dates({ filters, asOfDate, set }) {
  const now = period(filters, asOfDate);
  const newest = now.to === asOfDate;
  const choose = (/** @type {number} */ days) =>
    element(
      'button',
      {
        type: 'button',
        class: 'small',
        'aria-pressed': String(newest && now.days === days),
        click: () => set({ from: days === 28 ? '' : addDays(asOfDate, 1 - days), to: days === 28 ? '' : asOfDate }),
      },
      `${days} days`,
    );
  const field = (/** @type {'from' | 'to'} */ name, /** @type {string} */ label) =>
    element(
      'label',
      {},
      `${label} `,
      element('input', {
        type: 'date',
        value: now[name],
        max: asOfDate,
        change: (event) => {
          const { value } = /** @type {HTMLInputElement} */ (event.target);
          if (value !== '') set({ from: now.from, to: now.to, [name]: value });
        },
      }),
    );
  const step = (/** @type {-1 | 1} */ direction) => () => set(neighbour(filters, asOfDate, direction));
  return element(
    'div',
    { class: 'dates', role: 'group', 'aria-label': 'Dates' },
    element(
      'button',
      {
        type: 'button',
        class: 'small',
        id: 'earlier',
        'aria-label': 'Earlier dates',
        'aria-keyshortcuts': 'ArrowLeft [',
        click: step(-1),
      },
      '‹',
    ),
    field('from', 'From'),
    field('to', 'to'),
    element(
      'button',
      {
        type: 'button',
        class: 'small',
        id: 'later',
        'aria-label': 'Later dates',
        'aria-keyshortcuts': 'ArrowRight ]',
        disabled: newest,
        click: step(1),
      },
      '›',
    ),
    ...spans.map(choose),
  );
}

const press = (/** @type {string} */ id) => () => document.getElementById(id)?.click();
onKey('/', 'search for an item', () => document.getElementById('item-search')?.focus());
for (const key of ['ArrowLeft', '[']) onKey(key, 'earlier dates', press('earlier'));
for (const key of ['ArrowRight', ']']) onKey(key, 'later dates', press('later'));
