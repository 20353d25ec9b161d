-- forecast.csv, level item: actual units per month (13 months, the open one partial), then the trend for the next.
-- Over stores the online store's bopis is left out (item_month is kept so). One statement per level: each reads its rows
-- in the order of the file. Both ends of the window are said: the planner takes an open end for a third of all.
COPY (
WITH span AS (
  SELECT (open_month - interval '12 months')::date AS from_month, open_month, forecast_month FROM publish_context
), figure AS (
  SELECT m.item_id, m.month, m.units_sold AS units, NULL::numeric AS linear_units, NULL::boolean AS sold
  FROM item_month m
  WHERE m.month >= (SELECT from_month FROM span) AND m.month <= (SELECT open_month FROM span)
  UNION ALL
  SELECT t.item_id, s.forecast_month, NULL, t.linear_units,
         EXISTS (SELECT FROM item_month m WHERE m.item_id = t.item_id AND m.sale_lines > 0)
  FROM item_trend t CROSS JOIN span s WHERE s.forecast_month IS NOT NULL
)
SELECT 'item' AS level, NULL AS store_id, item_id, month,
       CASE WHEN sold IS NULL THEN 'Actual' ELSE 'Estimate' END AS forecast_indicator,
       CASE WHEN sold IS NULL THEN 'actual' ELSE 'linear' END AS model,
       coalesce(units::text, trim_scale(linear_units)::text) AS units, NULL AS lower, NULL AS upper,
       CASE WHEN month = (SELECT open_month FROM span) THEN 'partial' WHEN NOT sold THEN 'no_demand'
            WHEN sold AND linear_units IS NULL THEN 'insufficient_history' ELSE 'ok' END AS status,
       (SELECT run_id FROM publish_context) AS run_id, (SELECT as_of_utc FROM publish_context) AS as_of_utc
FROM figure
ORDER BY item_id, month
) TO STDOUT (FORMAT csv, HEADER)
