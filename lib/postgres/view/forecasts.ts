import { contextTables, contextValues, setWindows } from './context.ts';
import { forecastSelect, withTables } from './outputSelect.ts';
import { pageRows } from './pageRows.ts';
import type { PublishedView } from './publishedView.ts';
import { likeText, withoutRun } from './stock.ts';

/** Rows of forecast.csv of the total, or of one store. */
export async function upperForecast(view: PublishedView, store: number | null) {
  const rows = await view.tables<Record<string, unknown>>(
    'SELECT * FROM page_upper_forecast WHERE store_id IS NOT DISTINCT FROM $1::bigint ORDER BY month, forecast_indicator, model',
    [store],
  );
  return rows.map(withoutRun);
}

/** Rows of forecast.csv of one item over all stores, or of one item in one store. */
export async function itemForecast(view: PublishedView, timeZone: string, item: number, store: number | null) {
  const level = store === null ? 'forecast_item' : 'forecast_item_store';
  const select = withTables([contextTables[0]], forecastSelect(level));
  return view.read(async (client) => {
    await setWindows(client, view);
    const rows = await pageRows<Record<string, unknown>>(
      client,
      `SELECT * FROM (${select}) f WHERE f.item_id = $5::bigint AND ($6::bigint IS NULL OR f.store_id = $6)
       ORDER BY month, forecast_indicator, model`,
      [...contextValues(view, timeZone), item, store],
    );
    return rows.map(withoutRun);
  });
}

/** Items with the forecast of the next month over all stores, most units first. */
export async function forecastItems(view: PublishedView, text: string | null, page: number, size: number) {
  return view.read(async (client) => {
    const values = [text === null ? null : likeText(text), text];
    const from = `
      FROM forecast_sum f LEFT JOIN item i USING (item_id)
      WHERE f.level = 'item' AND ($1::text IS NULL OR i.name ILIKE '%' || $1 || '%' OR f.item_id::text = $2)`;
    const items = await pageRows(
      client,
      `SELECT f.item_id, i.name AS item_name, f.current_units, f.current_lower, f.current_upper, f.next_units, f.next_lower,
              f.next_upper, f.last_month_units, f.mean_28d_units
       ${from} ORDER BY f.next_units DESC NULLS LAST, f.item_id LIMIT $3 OFFSET $4`,
      [...values, size, (page - 1) * size],
    );
    const [count] = await pageRows<{ total: number }>(client, `SELECT count(*) AS total ${from}`, values);
    return { items, total: count?.total ?? 0 };
  });
}

export async function accuracy(view: PublishedView) {
  return (await view.tables<Record<string, unknown>>('SELECT * FROM page_accuracy')).map(withoutRun);
}

/** Past forecasts against what came, of the total and the stores, or of one item. */
export async function forecastHistory(view: PublishedView, item: number | null) {
  const rows = await view.tables<Record<string, unknown>>(
    `SELECT * FROM page_history WHERE item_id IS NOT DISTINCT FROM $1::bigint ORDER BY level, store_id, month`,
    [item],
  );
  return rows.map(withoutRun);
}

export async function clusters(view: PublishedView) {
  return (await view.tables<Record<string, unknown>>('SELECT * FROM page_cluster')).map(withoutRun);
}
