-- Past forecasts of a month against what came of it. What came is what was forecast: no cancelled sales, no bopis of the
-- online store. Empty while the month is open, and where nothing was heard of a store; an item that nothing was heard of
-- sold none. The story of the runs, not data.
COPY (
WITH past AS (
  SELECT * FROM forecast_history WHERE month >= current_setting('publish.actual_from')::date
), cancelled AS (
  SELECT store_id, item_id, date_trunc('month', sale_time)::date AS month, sum(quantity) AS units
  FROM cancelled_sale WHERE sale_time >= current_setting('publish.actual_from')::date GROUP BY 1, 2, 3
), sold AS (
  SELECT m.store_id, m.month,
         m.units_sold - CASE WHEN m.store_id = d.online_store_id THEN m.units_bopis ELSE 0 END AS units
  FROM store_month m CROSS JOIN dataset d
), compared AS (
  SELECT p.*, coalesce(m.units_sold, 0) - coalesce(c.units, 0) AS actual
  FROM past p
  LEFT JOIN item_month m USING (item_id, month)
  LEFT JOIN (SELECT item_id, month, sum(units) AS units FROM cancelled GROUP BY 1, 2) c USING (item_id, month)
  WHERE p.level = 'item'
  UNION ALL
  SELECT p.*, m.units - coalesce(c.units, 0)
  FROM past p
  LEFT JOIN sold m USING (store_id, month)
  LEFT JOIN (SELECT store_id, month, sum(units) AS units FROM cancelled GROUP BY 1, 2) c USING (store_id, month)
  WHERE p.level = 'store'
  UNION ALL
  SELECT p.*, m.units - coalesce(c.units, 0)
  FROM past p
  LEFT JOIN (SELECT month, sum(units) AS units FROM sold GROUP BY 1) m USING (month)
  LEFT JOIN (SELECT month, sum(units) AS units FROM cancelled GROUP BY 1) c USING (month)
  WHERE p.level = 'total'
), told AS (
  SELECT level, store_id, item_id, month, made_for, units, lower, upper,
         CASE WHEN month < current_setting('publish.open_month')::date THEN actual END AS actual
  FROM compared
)
SELECT level, store_id, item_id, month, made_for, units, lower, upper, actual AS actual_units,
       units - actual AS error_units, (actual BETWEEN lower AND upper)::text AS in_band,
       (SELECT run_id FROM publish_context) AS run_id, (SELECT as_of_utc FROM publish_context) AS as_of_utc
FROM told
ORDER BY level COLLATE "C", store_id, item_id, month
) TO STDOUT (FORMAT csv, HEADER)
