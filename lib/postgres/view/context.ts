import type pg from 'pg';
import { pageRows } from './pageRows.ts';
import type { PublishedView } from './publishedView.ts';

/**
 * What a publication makes as temporary tables, as texts of CTEs with the parameters $1 to $4, so that an output's
 * SELECT can be read for one item or pair. Ranks are in page_pair alone.
 */
export const contextTables = [
  `publish_context AS (
     SELECT $1::text AS run_id, $2::text AS as_of_utc, $3::date AS forecast_month, $4::text AS time_zone,
            false AS escape)`,
  `low_stock AS (SELECT NULL::bigint AS store_id, NULL::bigint AS item_id, NULL::bigint AS low_stock_rank WHERE false)`,
] as const;

export function contextValues(view: PublishedView, timeZone: string): unknown[] {
  return [view.runId, view.clock.asOfUtc, view.clock.forecastMonth, timeZone];
}

/** Sets the windows that outputs read (outputs/00_settings.sql) for this transaction. Dates `yyyy-MM-dd`. */
export async function setWindows(
  client: pg.ClientBase,
  { clock }: PublishedView,
  fromTime = '9998-01-01 00:00:00',
  toTime = '9999-01-01 00:00:00',
): Promise<void> {
  const { openMonth, forecastMonth } = clock;
  await pageRows(
    client,
    `SELECT set_config('publish.actual_from', coalesce($1::text::date - interval '12 months', '9998-01-01')::date::text, true),
            set_config('publish.open_month', coalesce($1::text, '9998-01-01'), true),
            set_config('publish.forecast_month', coalesce($2::text, '9998-01-01'), true),
            set_config('publish.from_time', $3::text, true), set_config('publish.to_time', $4::text, true),
            set_config('publish.archive', 'true', true)`,
    [openMonth, forecastMonth, fromTime, toTime],
  );
}
