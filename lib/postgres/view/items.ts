import { query } from '../pool.ts';
import { contextTables, contextValues, setWindows } from './context.ts';
import { outputSelect, pairsSelect, withTables } from './outputSelect.ts';
import { pageRows } from './pageRows.ts';
import type { PublishedView } from './publishedView.ts';
import type { DateRange } from './sales.ts';
import { likeText } from './stock.ts';

type Stores = readonly number[] | null;

/** Stores that have delivered events, or are named in a store file. */
export async function storeList(view: PublishedView) {
  return view.read((client) =>
    pageRows(
      client,
      `SELECT store_id, s.name AS store_name, s.timezone, k.first_event_time::date AS first_date, k.last_event_time,
              store_id = (SELECT online_store_id FROM dataset) AS is_online
       FROM store_clock k FULL JOIN store s USING (store_id) ORDER BY store_id`,
    ),
  );
}

/** What events can be filtered by: the change types that occur, and the word for a stock count. */
export async function actionList(view: PublishedView): Promise<string[]> {
  const rows = await view.read((client) =>
    query<{ action: string }>(
      client,
      `SELECT change_type AS action FROM change_type JOIN change_type_use USING (change_type_id)
       GROUP BY change_type ORDER BY min(change_type_id)`,
    ),
  );
  return [...rows.map(({ action }) => action), 'inventory report'];
}

/** Items by a part of their name, or their id; those with most sold lately first. */
export async function itemList(view: PublishedView, text: string | null, page: number, size: number) {
  const values = [text === null ? null : likeText(text), text];
  const where = `WHERE $1::text IS NULL OR item_name ILIKE '%' || $1 || '%' OR item_id::text = $2`;
  const items = await view.tables(
    `SELECT item_id, min(item_name) AS item_name, min(supplier_id) AS supplier_id, count(*) AS stores,
            sum(final_quantity) AS final_quantity, sum(avg_daily_demand) AS avg_daily_demand
     FROM page_pair ${where} GROUP BY item_id
     ORDER BY (item_id::text = $2) DESC NULLS LAST, sum(avg_daily_demand) DESC NULLS LAST, item_id LIMIT $3 OFFSET $4`,
    [...values, size, (page - 1) * size],
  );
  const [count] = await view.tables<{ total: number }>(
    `SELECT count(DISTINCT item_id) AS total FROM page_pair ${where}`,
    values,
  );
  return { items, total: count?.total ?? 0 };
}

export type Pair = Readonly<{ store: number; item: number }>;

/** Rows of sales_daily.csv of these pairs, and whether the date holds a count. */
export async function pairDays(view: PublishedView, pairs: readonly Pair[], { from, to }: DateRange) {
  return view.read((client) =>
    pageRows(
      client,
      `SELECT d.store_id, d.item_id, d.business_date, d.units_sold, d.units_bopis, d.units_restocked, d.units_shrink,
              d.closing_quantity, d.counted_closing IS NOT NULL AS counted
       FROM unnest($1::bigint[], $2::bigint[]) AS p (store_id, item_id)
       JOIN store_item_day d ON d.store_id = p.store_id AND d.item_id = p.item_id
        AND d.business_date BETWEEN $3::date AND $4::date
       ORDER BY d.store_id, d.item_id, d.business_date`,
      [pairs.map(({ store }) => store), pairs.map(({ item }) => item), from, to],
    ),
  );
}

/** The same of one item in all stores that have it, or in those named. */
export async function itemDays(view: PublishedView, item: number, stores: Stores, range: DateRange) {
  const having = await storesOf(view, item, stores);
  return pairDays(
    view,
    having.map((store) => ({ store, item })),
    range,
  );
}

/** The key of the tables begins with the store: an item is looked for in the stores that have it. */
async function storesOf(view: PublishedView, item: number, stores: Stores): Promise<number[]> {
  const rows = await view.tables<{ store_id: number }>(
    'SELECT store_id FROM page_pair WHERE item_id = $1 AND ($2::bigint[] IS NULL OR store_id = ANY ($2))',
    [item, stores],
  );
  return rows.map((row) => row.store_id);
}

export type EventFilter = Readonly<{
  item: number | null;
  stores: Stores;
  actions: readonly string[] | null;
  transaction: string | null;
}>;

const eventColumns = `item_id, employee_id, store_id, date_time, quantity, source_type, store_name, action, trans_id,
  change_type_id, change_type, final_quantity, item_name, date_time_utc, business_date, hour, units_sold, event_id`;

/**
 * Rows of combined.csv, newest first or oldest first, with one more than `size` where there are more. The running stock
 * of a pair is reckoned from the closing of the day before `from`, as in the file.
 */
export async function events(
  view: PublishedView,
  timeZone: string,
  filter: EventFilter,
  { from, to }: DateRange,
  order: Readonly<{ descending: boolean; page: number; size: number }>,
): Promise<{ rows: Record<string, unknown>[]; has_more: boolean }> {
  const stores = filter.item === null ? filter.stores : await storesOf(view, filter.item, filter.stores);
  const select = withTables([...contextTables, `publish_pair AS (${pairsSelect()})`], outputSelect('events'));
  const direction = order.descending ? 'DESC' : 'ASC';
  const rows = await view.read(async (client) => {
    await setWindows(client, view, `${from} 00:00:00`, `${to} 24:00:00`);
    return pageRows<Record<string, unknown>>(
      client,
      `SELECT ${eventColumns} FROM (${select}) e
       WHERE ($5::bigint[] IS NULL OR e.store_id = ANY ($5)) AND ($6::bigint IS NULL OR e.item_id = $6)
         AND ($7::text[] IS NULL OR e.action = ANY ($7)) AND ($8::text IS NULL OR e.trans_id ILIKE $8 || '%')
       ORDER BY e.date_time ${direction}, e.store_id, e.item_id, e.event_id LIMIT $9 OFFSET $10`,
      [
        ...contextValues(view, timeZone),
        stores,
        filter.item,
        filter.actions,
        filter.transaction === null ? null : likeText(filter.transaction),
        order.size + 1,
        (order.page - 1) * order.size,
      ],
    );
  });
  return { rows: rows.slice(0, order.size), has_more: rows.length > order.size };
}

/** The pairs furthest below their safety stock, and what happened to them in a range of dates, per date and hour. */
export async function lowest(view: PublishedView, stores: Stores, limit: number, { from, to }: DateRange) {
  const rows = await view.tables<Record<string, unknown> & { store_id: number; item_id: number }>(
    `SELECT store_id, store_name, item_id, item_name, final_quantity, safety_stock_quantity, stock_status, low_stock_rank,
            days_of_cover, avg_daily_demand, last_event_time
     FROM page_pair WHERE low_stock_rank IS NOT NULL AND ($1::bigint[] IS NULL OR store_id = ANY ($1))
     ORDER BY low_stock_rank LIMIT $2`,
    [stores, limit],
  );
  const activity = await view.read((client) =>
    pageRows(
      client,
      `SELECT e.store_id, e.item_id, e.date_time::date AS business_date, date_part('hour', e.date_time)::int AS hour,
              CASE WHEN e.is_count THEN 'inventory report'
                   ELSE coalesce(t.change_type, 'unknown change type ' || e.change_type_id) END AS action,
              sum(e.quantity) AS quantity, count(*) AS events
       FROM unnest($1::bigint[], $2::bigint[]) AS p (store_id, item_id)
       JOIN inventory_event e ON e.store_id = p.store_id AND e.item_id = p.item_id
        AND e.date_time >= $3::date AND e.date_time < $4::date + 1
       LEFT JOIN change_type t USING (change_type_id)
       GROUP BY 1, 2, 3, 4, 5 ORDER BY 3, 4, 1, 2`,
      [rows.map((row) => row.store_id), rows.map((row) => row.item_id), from, to],
    ),
  );
  return { rows, activity };
}
