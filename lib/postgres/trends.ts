import type pg from 'pg';
import { type Database, inTransaction, query } from './pool.ts';

/** What a trend is fitted on. Months `yyyy-MM-01` with their units, dates local; see `lib/core/linearTrend.ts`. */
export type TrendSeries = Readonly<{
  months: readonly { month: string; units: number }[];
  firstSaleMonth: string | undefined;
  firstEventDate: string;
  openMonth: string;
}>;
export type FitTrend = (series: TrendSeries) => number | undefined;

type Row = Readonly<{
  store_id: number;
  item_id: number;
  first_sale_month: string | null;
  first_event_date: string;
  months: string[] | null;
  units: number[] | null;
}>;

const blockPairs = 5_000;

/**
 * Makes the linear trend again for the pairs and items whose closed months changed, or all when the month turned;
 * streams them in blocks, so memory stays flat. Returns how many were made.
 */
export async function refreshTrends(db: Database, fitTrend: FitTrend): Promise<number> {
  const [clock] = await query<{ open_month: string | null; forecast_month: string | null }>(
    db,
    `SELECT date_trunc('month', max(last_event_time))::date AS open_month,
            (date_trunc('month', max(last_event_time)) + interval '1 month')::date AS forecast_month
     FROM store_clock`,
  );
  const openMonth = clock?.open_month;
  const forecastMonth = clock?.forecast_month;
  if (openMonth == null || forecastMonth == null) return 0;
  await forgetMovedTrends(db);
  let made = 0;
  for (const refreshBlock of [refreshPairs, refreshItems]) {
    for (;;) {
      const done = await inTransaction(db, (client) => refreshBlock(client, openMonth, forecastMonth, fitTrend));
      made += done;
      if (done === 0) break;
    }
  }
  return made;
}

/** Pairs of stores whose first day moved: their trends are fitted on other months. */
async function forgetMovedTrends(db: Database): Promise<void> {
  await query(
    db,
    `WITH moved AS (UPDATE store_clock SET trends_due = false WHERE trends_due RETURNING store_id)
     UPDATE store_item s SET linear_month = NULL FROM moved m
     WHERE s.store_id = m.store_id AND s.linear_month IS NOT NULL`,
  );
}

async function refreshPairs(
  client: pg.PoolClient,
  openMonth: string,
  forecastMonth: string,
  fitTrend: FitTrend,
): Promise<number> {
  const rows = await query<Row>(
    client,
    `SELECT s.store_id, s.item_id, date_trunc('month', s.first_sale_time)::date AS first_sale_month,
            k.first_event_time::date AS first_event_date, m.months, m.units
     FROM (SELECT * FROM store_item WHERE linear_month IS DISTINCT FROM $1::date LIMIT $3) s
     JOIN store_clock k USING (store_id)
     LEFT JOIN LATERAL (
       SELECT array_agg(month::text ORDER BY month) AS months, array_agg(units_sold::float8 ORDER BY month) AS units
       FROM store_item_month m WHERE m.store_id = s.store_id AND m.item_id = s.item_id AND m.month < $2::date) m ON true`,
    [forecastMonth, openMonth, blockPairs],
  );
  await query(
    client,
    `UPDATE store_item s SET linear_units = u.units, linear_month = $4
     FROM unnest($1::bigint[], $2::bigint[], $3::numeric[]) AS u (store_id, item_id, units)
     WHERE s.store_id = u.store_id AND s.item_id = u.item_id`,
    [
      rows.map((row) => row.store_id),
      rows.map((row) => row.item_id),
      rows.map((row) => fitTrend(seriesOf(row, openMonth)) ?? null),
      forecastMonth,
    ],
  );
  return rows.length;
}

async function refreshItems(
  client: pg.PoolClient,
  openMonth: string,
  forecastMonth: string,
  fitTrend: FitTrend,
): Promise<number> {
  const rows = await query<Row>(
    client,
    `SELECT t.item_id, (SELECT min(month) FROM item_month m WHERE m.item_id = t.item_id AND m.sale_lines > 0) AS first_sale_month,
            (SELECT min(first_event_time)::date FROM store_clock) AS first_event_date, m.months, m.units
     FROM (SELECT * FROM item_trend WHERE linear_month IS DISTINCT FROM $1::date LIMIT $3) t
     LEFT JOIN LATERAL (
       SELECT array_agg(month::text ORDER BY month) AS months, array_agg(units_sold::float8 ORDER BY month) AS units
       FROM item_month m WHERE m.item_id = t.item_id AND m.month < $2::date) m ON true`,
    [forecastMonth, openMonth, blockPairs],
  );
  await query(
    client,
    `UPDATE item_trend t SET linear_units = u.units, linear_month = $3
     FROM unnest($1::bigint[], $2::numeric[]) AS u (item_id, units) WHERE t.item_id = u.item_id`,
    [rows.map((row) => row.item_id), rows.map((row) => fitTrend(seriesOf(row, openMonth)) ?? null), forecastMonth],
  );
  return rows.length;
}

/** Trends of the stores and of the total, few enough to be made anew for each publication: temp table upper_trend. */
export async function upperTrends(client: pg.ClientBase, openMonth: string | null, fitTrend: FitTrend): Promise<void> {
  await client.query(
    'CREATE TEMP TABLE upper_trend (level text, store_id bigint, linear_units numeric, sold boolean) ON COMMIT DROP',
  );
  if (openMonth === null) return;
  const rows = await query<Row & { level: string; sold: boolean }>(
    client,
    `WITH units AS (
       SELECT 'store' AS level, store_id, month, units_sold::float8 AS units, sale_lines FROM store_month
       UNION ALL
       SELECT 'total', NULL, m.month,
              sum(m.units_sold - CASE WHEN m.store_id = d.online_store_id THEN m.units_bopis ELSE 0 END)::float8,
              sum(m.sale_lines - CASE WHEN m.store_id = d.online_store_id THEN m.bopis_lines ELSE 0 END)
       FROM store_month m CROSS JOIN dataset d GROUP BY m.month)
     SELECT u.level, u.store_id, min(u.month) FILTER (WHERE u.sale_lines > 0) AS first_sale_month,
            coalesce(min(k.first_event_time), (SELECT min(first_event_time) FROM store_clock))::date AS first_event_date,
            array_agg(u.month::text ORDER BY u.month) FILTER (WHERE u.month < $1::date) AS months,
            array_agg(u.units ORDER BY u.month) FILTER (WHERE u.month < $1::date) AS units,
            bool_or(u.sale_lines > 0) AS sold
     FROM units u LEFT JOIN store_clock k ON k.store_id = u.store_id
     GROUP BY u.level, u.store_id`,
    [openMonth],
  );
  await query(
    client,
    'INSERT INTO upper_trend SELECT * FROM unnest($1::text[], $2::bigint[], $3::numeric[], $4::boolean[])',
    [
      rows.map((row) => row.level),
      rows.map((row) => row.store_id),
      rows.map((row) => fitTrend(seriesOf(row, openMonth)) ?? null),
      rows.map((row) => row.sold),
    ],
  );
}

function seriesOf(row: Row, openMonth: string): TrendSeries {
  const units = row.units ?? [];
  return {
    months: (row.months ?? []).map((month, at) => ({ month, units: units[at] ?? 0 })),
    firstSaleMonth: row.first_sale_month ?? undefined,
    firstEventDate: row.first_event_date,
    openMonth,
  };
}
