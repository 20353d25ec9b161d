-- forecast.csv, level item_store: as forecast_item.sql. Per store the online store's bopis is in.
COPY (
WITH figure AS (
  SELECT m.store_id, m.item_id, m.month, m.units_sold AS units, NULL::numeric AS linear_units, NULL::boolean AS sold
  FROM store_item_month m
  WHERE m.month >= current_setting('publish.actual_from')::date
    AND m.month <= current_setting('publish.open_month')::date
  UNION ALL
  SELECT p.store_id, p.item_id, current_setting('publish.forecast_month')::date, NULL, p.linear_units,
         p.first_sale_time IS NOT NULL
  FROM store_item p
), ordered AS (
  -- Sorted while the rows are slim.
  SELECT * FROM figure ORDER BY store_id, item_id, month
)
SELECT 'item_store' AS level, store_id, item_id, month,
       CASE WHEN sold IS NULL THEN 'Actual' ELSE 'Estimate' END AS forecast_indicator,
       CASE WHEN sold IS NULL THEN 'actual' ELSE 'linear' END AS model,
       coalesce(units::text, trim_scale(linear_units)::text) AS units, NULL AS lower, NULL AS upper,
       CASE WHEN month = (SELECT open_month FROM publish_context) THEN 'partial' WHEN NOT sold THEN 'no_demand'
            WHEN sold AND linear_units IS NULL THEN 'insufficient_history' ELSE 'ok' END AS status,
       (SELECT run_id FROM publish_context) AS run_id, (SELECT as_of_utc FROM publish_context) AS as_of_utc
FROM ordered
ORDER BY store_id, item_id, month
) TO STDOUT (FORMAT csv)
