-- forecast.csv, level item_store: as forecast_item.sql. Per store the online store's bopis is in.
COPY (
WITH span AS (
  SELECT (open_month - interval '12 months')::date AS from_month, open_month, forecast_month FROM publish_context
), figure AS (
  SELECT m.store_id, m.item_id, m.month, m.units_sold AS units, NULL::numeric AS linear_units, NULL::boolean AS sold
  FROM store_item_month m
  WHERE m.month >= (SELECT from_month FROM span) AND m.month <= (SELECT open_month FROM span)
  UNION ALL
  SELECT p.store_id, p.item_id, s.forecast_month, NULL, p.linear_units, p.first_sale_time IS NOT NULL
  FROM store_item p CROSS JOIN span s WHERE s.forecast_month IS NOT NULL
)
SELECT 'item_store' AS level, store_id, item_id, month,
       CASE WHEN sold IS NULL THEN 'Actual' ELSE 'Estimate' END AS forecast_indicator,
       CASE WHEN sold IS NULL THEN 'actual' ELSE 'linear' END AS model,
       coalesce(units::text, trim_scale(linear_units)::text) AS units, NULL AS lower, NULL AS upper,
       CASE WHEN month = (SELECT open_month FROM span) THEN 'partial' WHEN NOT sold THEN 'no_demand'
            WHEN sold AND linear_units IS NULL THEN 'insufficient_history' ELSE 'ok' END AS status,
       (SELECT run_id FROM publish_context) AS run_id, (SELECT as_of_utc FROM publish_context) AS as_of_utc
FROM figure
ORDER BY store_id, item_id, month
) TO STDOUT (FORMAT csv)
