-- forecast.csv, level after level: actual units per month (13 months, the open one partial), then the estimates. A level's
-- file gives its figures, FIGURES: a row each actual month, and a row with all estimates, month null. One statement per
-- level: each reads its rows in the order of the file. Sorted while the rows are few, then each estimate becomes a line:
-- 1 is of the open month, 2 to 5 of the next, in the order of their names.
COPY (
WITH figure AS (
FIGURES
), ordered AS (
  SELECT * FROM figure ORDER BY store_id, item_id, month
), line AS (
  SELECT *, unnest(CASE WHEN month IS NULL THEN '{1,2,3,4,5}'::integer[] ELSE '{0}' END) AS place FROM ordered
)
SELECT CASE WHEN store_id IS NOT NULL AND item_id IS NOT NULL THEN 'item_store' WHEN item_id IS NOT NULL THEN 'item'
            WHEN store_id IS NOT NULL THEN 'store' ELSE 'total' END AS level,
       store_id, item_id,
       CASE place WHEN 0 THEN month WHEN 1 THEN (SELECT open_month FROM publish_context)
                  ELSE (SELECT forecast_month FROM publish_context) END AS month,
       CASE WHEN place = 0 THEN 'Actual' ELSE 'Estimate' END AS forecast_indicator,
       CASE place WHEN 0 THEN 'actual' WHEN 2 THEN 'last_month' WHEN 3 THEN 'linear' WHEN 4 THEN 'mean_28d'
                  ELSE 'planning' END AS model,
       CASE WHEN place = 0 THEN units::text
            ELSE trim_scale(CASE place WHEN 1 THEN current_units WHEN 2 THEN last_month_units WHEN 3 THEN linear_units
                                       WHEN 4 THEN mean_28d_units ELSE next_units END)::text END AS units,
       trim_scale(CASE place WHEN 1 THEN current_lower WHEN 5 THEN next_lower END) AS lower,
       trim_scale(CASE place WHEN 1 THEN current_upper WHEN 5 THEN next_upper END) AS upper,
       CASE WHEN place = 0
            THEN CASE WHEN month = (SELECT open_month FROM publish_context) THEN 'partial' ELSE 'ok' END
            WHEN place <> 3 THEN status WHEN NOT sold THEN 'no_demand'
            WHEN linear_units IS NULL THEN 'insufficient_history' ELSE 'ok' END AS status,
       (SELECT run_id FROM publish_context) AS run_id, (SELECT as_of_utc FROM publish_context) AS as_of_utc
FROM line
ORDER BY line.store_id, line.item_id, line.month, place
) TO STDOUT (FORMAT csv, HEADER)
