-- Levels store and total of forecast.sql. Per store the online store's bopis is in what sold, in the total it is not.
actual AS (
  SELECT store_id, NULL::bigint AS item_id, month, units_sold AS units FROM store_month
  UNION ALL
  SELECT NULL, NULL, m.month,
         sum(m.units_sold - CASE WHEN m.store_id = d.online_store_id THEN m.units_bopis ELSE 0 END)::bigint
  FROM store_month m CROSS JOIN dataset d GROUP BY m.month
), estimate AS (
  SELECT u.store_id, NULL::bigint AS item_id, u.linear_units, p.status, f.current_units, f.current_lower, f.current_upper,
         f.next_units, f.next_lower, f.next_upper, f.last_month_units, f.mean_28d_units, u.sold
  FROM upper_trend u
  LEFT JOIN forecast_sum f ON f.level = u.level AND f.store_id IS NOT DISTINCT FROM u.store_id
  LEFT JOIN (
    SELECT store_id, CASE WHEN bool_or(status = 'ok') THEN 'ok' WHEN bool_or(status = 'low_history') THEN 'low_history'
                          ELSE 'no_demand' END AS status
    FROM forecast_pair GROUP BY ROLLUP (store_id)
  ) p ON p.store_id IS NOT DISTINCT FROM u.store_id
)
