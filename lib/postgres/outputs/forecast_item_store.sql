-- Level item_store of forecast.sql. Per store the online store's bopis is in what sold; no estimate but the trend has it.
SELECT p.store_id, p.item_id, NULL::date AS month, NULL::bigint AS units, p.first_sale_time IS NOT NULL AS sold,
       p.linear_units, coalesce(f.status, 'low_history') AS status, f.current_units, f.current_lower, f.current_upper,
       f.next_units, f.next_lower, f.next_upper, f.last_month_units, f.mean_28d_units
FROM store_item p LEFT JOIN forecast_pair f USING (store_id, item_id)
UNION ALL
SELECT m.store_id, m.item_id, m.month, m.units_sold, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM store_item_month m
WHERE m.month >= current_setting('publish.actual_from')::date AND m.month <= current_setting('publish.open_month')::date
