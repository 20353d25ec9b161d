-- Level item of forecast.sql. Over stores the online store's bopis is left out (item_month is kept so). What is known of
-- an item is what is known of the best of its pairs.
actual AS (
  SELECT NULL::bigint AS store_id, item_id, month, units_sold AS units FROM item_month
), estimate AS (
  SELECT NULL::bigint AS store_id, t.item_id, t.linear_units, p.status, f.current_units, f.current_lower, f.current_upper,
         f.next_units, f.next_lower, f.next_upper, f.last_month_units, f.mean_28d_units,
         EXISTS (SELECT FROM item_month m WHERE m.item_id = t.item_id AND m.sale_lines > 0) AS sold
  FROM item_trend t
  LEFT JOIN forecast_sum f ON f.level = 'item' AND f.item_id = t.item_id
  LEFT JOIN (
    SELECT item_id, CASE WHEN bool_or(status = 'ok') THEN 'ok' WHEN bool_or(status = 'low_history') THEN 'low_history'
                         ELSE 'no_demand' END AS status
    FROM forecast_pair GROUP BY item_id
  ) p ON p.item_id = t.item_id
)
