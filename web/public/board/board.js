import { ask, Moved } from './api.js';
import { byId, element } from './element.js';
import { readFilters, writeFilters } from './filters.js';
import { freshnessBar } from './freshnessBar.js';
import { keepingPlace } from './keepingPlace.js';
import { listen } from './stream.js';

/** @typedef {import('./api.js').Answer} Answer */
/** @typedef {import('./element.js').Content} Content */
/** @typedef {{ store_id: number, store_name: string, is_online: boolean }} Store */

/**
 * What a section is drawn from besides its answers.
 * @typedef {object} Given
 * @property {import('./filters.js').Filters} filters as the URL holds them
 * @property {string} asOfDate the data's newest date
 * @property {readonly Store[]} stores
 * @property {readonly string[]} actions that events can be filtered by
 * @property {number | null} item the item of an item page
 * @property {number | null} store the store of a store page
 * @property {(changes: import('./filters.js').Filters, how?: 'push' | 'replace') => void} set
 */

/**
 * @typedef {object} Section
 * @property {string} id of its element in the page
 * @property {readonly string[]} follows filters that it depends on
 * @property {(given: Given) => Record<string, string>} asks addresses of its answers, by name
 * @property {(answers: Record<string, Answer>, given: Given) => Content} draw
 */

/** Pages of lists, as the URL names them. */
const pages = ['page', 'tpage', 'rpage'];

/**
 * Shows sections of one state. When a run has published, all are asked anew and put in place together, so that a page
 * never mixes two runs; where the state moves on in between, all begin again.
 * @param {readonly Section[]} sections
 * @param {{ item?: number, store?: number }} [of]
 */
export function openBoard(sections, of = {}) {
  /** @type {Given} */
  const given = {
    filters: readFilters(),
    asOfDate: '',
    stores: [],
    actions: [],
    item: of.item ?? null,
    store: of.store ?? null,
    set,
  };
  /** @type {string | undefined} */
  let pin;
  let loads = 0;
  /** @type {Map<Section, number>} */
  const turns = new Map();
  const bar = freshnessBar(() => void showAll(true));
  const main = byId('main');

  /** @param {Section} section */
  async function answers(section) {
    const named = Object.entries(section.asks(given));
    const parts = await Promise.all(
      named.map(async ([name, path]) => /** @type {const} */ ([name, await ask(path, pin)])),
    );
    return Object.fromEntries(parts);
  }

  /** A newer load of a section overtakes an older one. @param {Section} section */
  function turnOf(section) {
    const turn = (turns.get(section) ?? 0) + 1;
    turns.set(section, turn);
    return () => turns.get(section) === turn;
  }

  /** @param {Section} section @param {Record<string, Answer>} parts */
  function put(section, parts) {
    const body = bodyOf(section);
    const content = [section.draw(parts, given)].flat(2).filter((one) => one !== null && one !== undefined);
    keepingPlace(body, () => body.replaceChildren(...content.map((one) => (one instanceof Node ? one : String(one)))));
    byId(section.id).removeAttribute('aria-busy');
  }

  /** @param {Section} section @param {unknown} error */
  function fail(section, error) {
    const text = error instanceof Error ? error.message : String(error);
    const again = element('button', { type: 'button', class: 'small', click: () => void show([section]) }, 'Try again');
    bodyOf(section).replaceChildren(element('p', { class: 'note bad', role: 'alert' }, `${text}. `, again));
    byId(section.id).removeAttribute('aria-busy');
  }

  /** @param {readonly Section[]} which */
  async function show(which) {
    try {
      await Promise.all(
        which.map(async (section) => {
          const newest = turnOf(section);
          byId(section.id).setAttribute('aria-busy', 'true');
          try {
            const parts = await answers(section);
            if (newest()) put(section, parts);
          } catch (error) {
            if (error instanceof Moved) throw error;
            if (newest()) fail(section, error);
          }
        }),
      );
    } catch {
      await showAll(true);
    }
  }

  /** @param {boolean} quiet keeps what is seen until all of the next state is there */
  async function showAll(quiet) {
    loads += 1;
    const mine = loads;
    for (;;) {
      try {
        const fresh = await ask('freshness');
        if (mine !== loads) return;
        const first = !quiet || fresh.run === null || sections.every((section) => !turns.has(section));
        // What is seen keeps its name until all of the next state is there.
        if (first) bar.show(fresh);
        main.toggleAttribute('data-empty', fresh.run === null);
        if (fresh.run === null) return;
        pin = fresh.run.pin;
        given.asOfDate = fresh.as_of_date ?? '';
        ({ stores: given.stores, actions: given.actions } = await ask('stores', pin));
        if (mine !== loads) return;
        if (first) return await show(sections);
        await swap(mine, () => bar.show(fresh));
        return;
      } catch (error) {
        if (mine !== loads) return;
        if (error instanceof Moved) continue;
        bar.trouble(error instanceof Error ? error.message : String(error));
        return;
      }
    }
  }

  /** @param {number} mine @param {() => void} name */
  async function swap(mine, name) {
    const loaded = await Promise.all(
      sections.map(async (section) => {
        const newest = turnOf(section);
        try {
          const parts = await answers(section);
          return () => newest() && put(section, parts);
        } catch (error) {
          if (error instanceof Moved) throw error;
          return () => newest() && fail(section, error);
        }
      }),
    );
    if (mine !== loads) return;
    for (const set of loaded) set();
    name();
    byId('said').textContent = 'A run has published: the figures are new.';
  }

  /** @param {import('./filters.js').Filters} changes @param {'push' | 'replace'} [how] */
  function set(changes, how = 'push') {
    // Other rows begin with their first page.
    if (!Object.keys(changes).some((name) => pages.includes(name))) changes = { page: '', tpage: '', ...changes };
    const names = Object.keys(changes).filter((name) => (given.filters[name] ?? '') !== changes[name]);
    if (names.length === 0) return;
    given.filters = Object.fromEntries(
      Object.entries({ ...given.filters, ...changes }).filter(([, value]) => value !== ''),
    );
    writeFilters(given.filters, how);
    void show(sections.filter(({ follows }) => follows.some((name) => names.includes(name))));
  }

  addEventListener('popstate', () => {
    given.filters = readFilters();
    void show(sections);
  });
  listen(({ kind, data }) => {
    if (kind === 'published' && data.pin !== pin) void showAll(true);
    else if (kind === 'back') void showAll(true);
    else if (kind === 'away') bar.trouble('tillcast does not answer; this page goes on by itself when it does');
    else if (kind === 'run') void bar.look();
  });
  void showAll(false);
  return given;
}

/** @param {Section} section */
function bodyOf({ id }) {
  const body = byId(id).querySelector('.body');
  if (!(body instanceof HTMLElement)) throw new Error(`section ${id} has no body`);
  return body;
}
