import { pageRows } from './pageRows.ts';
import type { PublishedView } from './publishedView.ts';

/** Inclusive business dates, `yyyy-MM-dd`. */
export type DateRange = Readonly<{ from: string; to: string }>;
type Stores = readonly number[] | null;

/**
 * Units and receipts per store and date. `online_bopis` are the online store's bopis units, the double of a picking
 * store's: whoever adds stores up takes them away (product.md, Settled in detail).
 */
export async function dailySales(view: PublishedView, stores: Stores, { from, to }: DateRange) {
  return view.read((client) =>
    pageRows(
      client,
      `SELECT h.store_id, s.name AS store_name, h.business_date, sum(h.units_sold) AS units_sold,
              sum(h.transactions) AS transactions, coalesce(b.units, 0) AS online_bopis
       FROM store_hour h
       LEFT JOIN store s USING (store_id)
       LEFT JOIN (
         SELECT d.store_id, d.business_date, sum(d.units_bopis) AS units
         FROM dataset o JOIN store_item_day d ON d.store_id = o.online_store_id
         WHERE d.business_date BETWEEN $2::date AND $3::date AND d.bopis_lines > 0
         GROUP BY 1, 2
       ) b ON b.store_id = h.store_id AND b.business_date = h.business_date
       WHERE h.business_date BETWEEN $2::date AND $3::date AND ($1::bigint[] IS NULL OR h.store_id = ANY ($1))
       GROUP BY h.store_id, s.name, h.business_date, b.units
       ORDER BY h.business_date, h.store_id`,
      [stores, from, to],
    ),
  );
}

/** Rows of sales_hourly.csv, with `online_bopis` as above: hours do not keep it, so the online store's lines are looked at. */
export async function hourlySales(view: PublishedView, stores: Stores, { from, to }: DateRange) {
  return view.read((client) =>
    pageRows(
      client,
      `SELECT h.store_id, h.business_date, h.hour, h.units_sold, h.transactions, coalesce(b.units, 0) AS online_bopis
       FROM store_hour h
       LEFT JOIN (
         SELECT e.store_id, e.date_time::date AS business_date, date_part('hour', e.date_time)::int AS hour,
                -sum(e.quantity) AS units
         FROM inventory_event e JOIN change_type t USING (change_type_id)
         WHERE e.store_id = (SELECT online_store_id FROM dataset) AND t.role = 'bopis' AND NOT e.is_count
           AND e.date_time >= $2::date AND e.date_time < $3::date + 1
           AND ($1::bigint[] IS NULL OR e.store_id = ANY ($1))
         GROUP BY 1, 2, 3
       ) b USING (store_id, business_date, hour)
       WHERE h.business_date BETWEEN $2::date AND $3::date AND ($1::bigint[] IS NULL OR h.store_id = ANY ($1))
       ORDER BY h.store_id, h.business_date, h.hour`,
      [stores, from, to],
    ),
  );
}

/** Units and receipts per store and hour of the day, the dates added up; of one store the online store's bopis belong to it. */
export async function hourOfDaySales(view: PublishedView, stores: Stores, { from, to }: DateRange) {
  return view.read((client) =>
    pageRows(
      client,
      `SELECT store_id, hour, sum(units_sold) AS units_sold, sum(transactions) AS transactions
       FROM store_hour
       WHERE business_date BETWEEN $2::date AND $3::date AND ($1::bigint[] IS NULL OR store_id = ANY ($1))
       GROUP BY store_id, hour ORDER BY store_id, hour`,
      [stores, from, to],
    ),
  );
}

/** Items by units sold in a range of dates, with the range of the same length before it. */
export async function topItems(view: PublishedView, stores: Stores, { from, to }: DateRange, limit: number) {
  return view.read((client) =>
    pageRows(
      client,
      `WITH sold AS (
         SELECT d.item_id,
                sum(d.units_sold - CASE WHEN d.store_id = o.online_store_id THEN d.units_bopis ELSE 0 END)
                  FILTER (WHERE d.business_date >= $2::date) AS units_sold,
                sum(d.units_sold - CASE WHEN d.store_id = o.online_store_id THEN d.units_bopis ELSE 0 END)
                  FILTER (WHERE d.business_date < $2::date) AS previous_units_sold
         FROM store_item_day d CROSS JOIN dataset o
         WHERE d.business_date BETWEEN $2::date - ($3::date - $2::date + 1) AND $3::date
           AND d.sale_lines > 0 AND ($1::bigint[] IS NULL OR d.store_id = ANY ($1))
         GROUP BY d.item_id)
       SELECT s.item_id, i.name AS item_name, s.units_sold, coalesce(s.previous_units_sold, 0) AS previous_units_sold
       FROM (SELECT * FROM sold WHERE units_sold IS NOT NULL ORDER BY units_sold DESC, item_id LIMIT $4) s
       LEFT JOIN item i USING (item_id)
       ORDER BY s.units_sold DESC, s.item_id`,
      [stores, from, to, limit],
    ),
  );
}

/** What moved in two weeks of dates, per side of `split`: before it, and from it on. */
export async function weekSums(
  view: PublishedView,
  stores: Stores,
  { from, to }: DateRange,
  split: string,
): Promise<WeekSums[]> {
  return view.read((client) =>
    pageRows<WeekSums>(
      client,
      `SELECT d.business_date >= $4::date AS newer,
              sum(d.units_sold - CASE WHEN d.store_id = o.online_store_id THEN d.units_bopis ELSE 0 END) AS units_sold,
              sum(d.units_restocked) AS units_restocked, sum(d.units_shrink) AS units_shrink,
              (SELECT sum(h.transactions) FROM store_hour h
               WHERE h.business_date BETWEEN min(d.business_date) AND max(d.business_date)
                 AND ($1::bigint[] IS NULL OR h.store_id = ANY ($1))) AS transactions
       FROM store_item_day d CROSS JOIN dataset o
       WHERE d.business_date BETWEEN $2::date AND $3::date AND ($1::bigint[] IS NULL OR d.store_id = ANY ($1))
       GROUP BY 1`,
      [stores, from, to, split],
    ),
  );
}

export type WeekSums = Readonly<{
  newer: boolean;
  units_sold: number;
  units_restocked: number;
  units_shrink: number;
  transactions: number | null;
}>;
