-- Level item of forecast.sql. Over stores the online store's bopis is left out (item_month is kept so). As good as the
-- best of its pairs is known, so well is the item. Both ends of the window are said: the planner takes an open end for a
-- third of all.
SELECT NULL::bigint AS store_id, t.item_id, NULL::date AS month, NULL::bigint AS units,
       EXISTS (SELECT FROM item_month m WHERE m.item_id = t.item_id AND m.sale_lines > 0) AS sold, t.linear_units,
       coalesce(p.status, 'low_history') AS status, f.current_units, f.current_lower, f.current_upper, f.next_units,
       f.next_lower, f.next_upper, f.last_month_units, f.mean_28d_units
FROM item_trend t
LEFT JOIN forecast_sum f ON f.level = 'item' AND f.item_id = t.item_id
LEFT JOIN (
  SELECT item_id, CASE WHEN bool_or(status = 'ok') THEN 'ok' WHEN bool_or(status = 'low_history') THEN 'low_history'
                       ELSE 'no_demand' END AS status
  FROM forecast_pair GROUP BY item_id
) p ON p.item_id = t.item_id
UNION ALL
SELECT NULL, m.item_id, m.month, m.units_sold, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM item_month m
WHERE m.month >= current_setting('publish.actual_from')::date AND m.month <= current_setting('publish.open_month')::date
