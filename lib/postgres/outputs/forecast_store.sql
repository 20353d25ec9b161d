-- forecast.csv, levels store and total: as forecast_item.sql. Per store the online store's bopis is in, in the total out.
COPY (
WITH figure AS (
  SELECT 'store' AS level, m.store_id, m.month, m.units_sold AS units, NULL::numeric AS linear_units, NULL::boolean AS sold
  FROM store_month m
  WHERE m.month >= current_setting('publish.actual_from')::date
    AND m.month <= current_setting('publish.open_month')::date
  UNION ALL
  SELECT 'total', NULL, m.month,
         sum(m.units_sold - CASE WHEN m.store_id = d.online_store_id THEN m.units_bopis ELSE 0 END)::bigint, NULL, NULL
  FROM store_month m CROSS JOIN dataset d
  WHERE m.month >= current_setting('publish.actual_from')::date
    AND m.month <= current_setting('publish.open_month')::date
  GROUP BY m.month
  UNION ALL
  SELECT u.level, u.store_id, current_setting('publish.forecast_month')::date, NULL, u.linear_units, u.sold
  FROM upper_trend u
)
SELECT level, store_id, NULL AS item_id, month,
       CASE WHEN sold IS NULL THEN 'Actual' ELSE 'Estimate' END AS forecast_indicator,
       CASE WHEN sold IS NULL THEN 'actual' ELSE 'linear' END AS model,
       coalesce(units::text, trim_scale(linear_units)::text) AS units, NULL AS lower, NULL AS upper,
       CASE WHEN month = (SELECT open_month FROM publish_context) THEN 'partial' WHEN NOT sold THEN 'no_demand'
            WHEN sold AND linear_units IS NULL THEN 'insufficient_history' ELSE 'ok' END AS status,
       (SELECT run_id FROM publish_context) AS run_id, (SELECT as_of_utc FROM publish_context) AS as_of_utc
FROM figure
ORDER BY level COLLATE "C", store_id, month
) TO STDOUT (FORMAT csv)
