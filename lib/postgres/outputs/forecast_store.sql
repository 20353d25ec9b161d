-- forecast.csv, levels store and total: as forecast_item.sql. Per store the online store's bopis is in, in the total out.
COPY (
WITH span AS (
  SELECT (open_month - interval '12 months')::date AS from_month, open_month, forecast_month FROM publish_context
), figure AS (
  SELECT 'store' AS level, m.store_id, m.month, m.units_sold AS units, NULL::numeric AS linear_units, NULL::boolean AS sold
  FROM store_month m
  WHERE m.month >= (SELECT from_month FROM span) AND m.month <= (SELECT open_month FROM span)
  UNION ALL
  SELECT 'total', NULL, m.month,
         sum(m.units_sold - CASE WHEN m.store_id = d.online_store_id THEN m.units_bopis ELSE 0 END)::bigint, NULL, NULL
  FROM store_month m CROSS JOIN dataset d
  WHERE m.month >= (SELECT from_month FROM span) AND m.month <= (SELECT open_month FROM span)
  GROUP BY m.month
  UNION ALL
  SELECT u.level, u.store_id, s.forecast_month, NULL, u.linear_units, u.sold
  FROM upper_trend u CROSS JOIN span s WHERE s.forecast_month IS NOT NULL
)
SELECT level, store_id, NULL AS item_id, month,
       CASE WHEN sold IS NULL THEN 'Actual' ELSE 'Estimate' END AS forecast_indicator,
       CASE WHEN sold IS NULL THEN 'actual' ELSE 'linear' END AS model,
       coalesce(units::text, trim_scale(linear_units)::text) AS units, NULL AS lower, NULL AS upper,
       CASE WHEN month = (SELECT open_month FROM span) THEN 'partial' WHEN NOT sold THEN 'no_demand'
            WHEN sold AND linear_units IS NULL THEN 'insufficient_history' ELSE 'ok' END AS status,
       (SELECT run_id FROM publish_context) AS run_id, (SELECT as_of_utc FROM publish_context) AS as_of_utc
FROM figure
ORDER BY level COLLATE "C", store_id, month
) TO STDOUT (FORMAT csv)
