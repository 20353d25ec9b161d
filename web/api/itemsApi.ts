import type { RequestHandler } from 'express';
import { actionList, events, itemDays, itemList, lowest, pairDays, storeList } from '../../lib/postgres/view/items.ts';
import { type ApiInput, answer } from './answer.ts';
import { dateRange } from './dates.ts';
import { parameters } from './parameters.ts';
import { RequestError } from './problem.ts';

/** Without an item an answer reads all events of its dates. */
const maxEventDays = 400;
const maxEventDaysWithoutItem = 7;

export function stores(input: ApiInput): RequestHandler {
  return answer(input, {}, { stores: [], actions: [] }, async (view) => {
    const [stores, actions] = await Promise.all([storeList(view), actionList(view)]);
    return { stores, actions };
  });
}

export function items(input: ApiInput): RequestHandler {
  const shape = { q: parameters.text(100), page: parameters.page, size: parameters.size(20) };
  return answer(input, shape, { items: [], total: 0 }, async (view, { q, page, size }) => {
    return { ...(await itemList(view, q, page, size)), page, size };
  });
}

/** What one item, or a few pairs, did per store and date, rows of sales_daily.csv. */
export function days(input: ApiInput): RequestHandler {
  const shape = {
    item: parameters.id.optional(),
    pairs: parameters.pairs(20),
    stores: parameters.ids,
    from: parameters.date,
    to: parameters.date,
  };
  return answer(input, shape, { days: [], from: null, to: null }, async (view, asked) => {
    const { item, pairs, stores: of } = asked;
    const range = dateRange(view, asked, 92, 400);
    if (item !== undefined && pairs === null) return { ...range, days: await itemDays(view, item, of, range) };
    if (item === undefined && pairs !== null && of === null)
      return { ...range, days: await pairDays(view, pairs, range) };
    throw new RequestError(400, 'item: expected an item, with or without stores, or else pairs like 1:101,2:7');
  });
}

/** Movements and counts, rows of combined.csv; of an item, or of a few dates. */
export function eventRows(input: ApiInput): RequestHandler {
  const shape = {
    item: parameters.id.optional(),
    stores: parameters.ids,
    from: parameters.date,
    to: parameters.date,
    actions: parameters.words,
    q: parameters.text(100),
    page: parameters.page,
    size: parameters.size(),
    dir: parameters.descending(true),
  };
  const empty = { rows: [], has_more: false, from: null, to: null };
  return answer(input, shape, empty, async (view, { item, stores: of, actions, q, page, size, dir, ...asked }) => {
    const one = item !== undefined;
    const range = dateRange(view, asked, one ? 92 : 1, one ? maxEventDays : maxEventDaysWithoutItem);
    const filter = { item: item ?? null, stores: of, actions, transaction: q };
    const found = await events(view, input.settings.timeZone, filter, range, { descending: dir, page, size });
    return { ...range, ...found, page, size };
  });
}

/** The pairs furthest below their safety stock, and their days and hours. */
export function lowestPairs(input: ApiInput): RequestHandler {
  const shape = {
    stores: parameters.ids,
    limit: parameters.limit(20, 100),
    days: parameters.wholeNumber(1, 92).optional(),
  };
  return answer(
    input,
    shape,
    { rows: [], activity: [], from: null, to: null },
    async (view, { stores: of, limit, days: n }) => {
      const range = dateRange(view, {}, n ?? 14, 92);
      return { ...range, ...(await lowest(view, of, limit, range)) };
    },
  );
}
