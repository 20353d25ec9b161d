-- forecast.csv, level item: actual units per month (13 months, the open one partial), then the trend for the next.
-- Over stores the online store's bopis is left out (item_month is kept so). One statement per level: each reads its rows
-- in the order of the file. Both ends of the window are said: the planner takes an open end for a third of all.
COPY (
WITH figure AS (
  SELECT m.item_id, m.month, m.units_sold AS units, NULL::numeric AS linear_units, NULL::boolean AS sold
  FROM item_month m
  WHERE m.month >= current_setting('publish.actual_from')::date
    AND m.month <= current_setting('publish.open_month')::date
  UNION ALL
  SELECT t.item_id, current_setting('publish.forecast_month')::date, NULL, t.linear_units,
         EXISTS (SELECT FROM item_month m WHERE m.item_id = t.item_id AND m.sale_lines > 0)
  FROM item_trend t
), ordered AS (
  -- Sorted while the rows are slim.
  SELECT * FROM figure ORDER BY item_id, month
)
SELECT 'item' AS level, NULL AS store_id, item_id, month,
       CASE WHEN sold IS NULL THEN 'Actual' ELSE 'Estimate' END AS forecast_indicator,
       CASE WHEN sold IS NULL THEN 'actual' ELSE 'linear' END AS model,
       coalesce(units::text, trim_scale(linear_units)::text) AS units, NULL AS lower, NULL AS upper,
       CASE WHEN month = (SELECT open_month FROM publish_context) THEN 'partial' WHEN NOT sold THEN 'no_demand'
            WHEN sold AND linear_units IS NULL THEN 'insufficient_history' ELSE 'ok' END AS status,
       (SELECT run_id FROM publish_context) AS run_id, (SELECT as_of_utc FROM publish_context) AS as_of_utc
FROM ordered
ORDER BY item_id, month
) TO STDOUT (FORMAT csv, HEADER)
