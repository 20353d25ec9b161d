-- forecast.csv, level after level: actual units per month (13 months, the open one partial), then the estimates: line 1 is
-- of the open month, 2 to 5 of the next, in the order of their names. LEVEL stands for a level's file, which gives
-- `actual`, a row a month, and `estimate`, a row a series. One statement per level: each reads its rows in the order of the
-- file, and sorts them while they are slim.
COPY (
WITH
LEVEL
, figure AS (
  SELECT store_id, item_id, month, 0 AS line, units::numeric AS units, NULL::numeric AS lower, NULL::numeric AS upper,
         CASE WHEN month = current_setting('publish.open_month')::date THEN 'partial' ELSE 'ok' END AS status
  FROM actual
  WHERE month >= current_setting('publish.actual_from')::date AND month <= current_setting('publish.open_month')::date
  UNION ALL
  SELECT e.store_id, e.item_id,
         CASE line WHEN 1 THEN current_setting('publish.open_month') ELSE current_setting('publish.forecast_month') END::date,
         line,
         CASE line WHEN 1 THEN e.current_units WHEN 2 THEN e.last_month_units WHEN 3 THEN trim_scale(e.linear_units)
                   WHEN 4 THEN e.mean_28d_units ELSE e.next_units END,
         CASE line WHEN 1 THEN e.current_lower WHEN 5 THEN e.next_lower END,
         CASE line WHEN 1 THEN e.current_upper WHEN 5 THEN e.next_upper END,
         CASE WHEN line <> 3 THEN coalesce(e.status, 'low_history') WHEN NOT e.sold THEN 'no_demand'
              WHEN e.linear_units IS NULL THEN 'insufficient_history' ELSE 'ok' END
  FROM estimate e
  CROSS JOIN (VALUES (1), (2), (3), (4), (5)) l (line)
)
SELECT CASE WHEN store_id IS NOT NULL AND item_id IS NOT NULL THEN 'item_store' WHEN item_id IS NOT NULL THEN 'item'
            WHEN store_id IS NOT NULL THEN 'store' ELSE 'total' END AS level,
       store_id, item_id, month, CASE WHEN line = 0 THEN 'Actual' ELSE 'Estimate' END AS forecast_indicator,
       CASE line WHEN 0 THEN 'actual' WHEN 2 THEN 'last_month' WHEN 3 THEN 'linear' WHEN 4 THEN 'mean_28d'
                 ELSE 'planning' END AS model,
       units, lower, upper, status,
       (SELECT run_id FROM publish_context) AS run_id, (SELECT as_of_utc FROM publish_context) AS as_of_utc
FROM (SELECT * FROM figure ORDER BY store_id, item_id, month, line) ordered
ORDER BY store_id, item_id, month, line
) TO STDOUT (FORMAT csv, HEADER)
