import { byId } from '../element.js';

/** The store's name as the page's title, and its neighbours. @type {import('../board.js').Section} */
export const storeTitle = {
  id: 'about',
  follows: [],
  asks: () => ({ stores: 'stores' }),
  draw: ({ stores: answer }, { store }) => {
    const found = (answer?.stores ?? []).find((/** @type {any} */ one) => one.store_id === store);
    const name = found?.store_name || `Store ${store}`;
    byId('title').textContent = found === undefined ? `Store ${store}: nothing known of it here` : name;
    document.title = `${name} · tillcast`;
    if (found === undefined) return 'No export named this store.';
    const parts = [
      `store ${store}`,
      found.is_online ? 'the online store' : null,
      `clock ${found.timezone}`,
      `since ${found.first_date ?? '–'}`,
      `newest event ${found.last_event_time ?? '–'}`,
    ];
    return parts.filter((part) => part !== null).join(' · ');
  },
};
