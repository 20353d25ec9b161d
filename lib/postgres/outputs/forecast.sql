-- Actual units per month (13 months, the open one partial) and the linear trend for forecast_month, at each level.
-- Both ends of the window are said, though no month is later: the planner takes an open end for a third of all.
-- Where stores are added up the online store's bopis is left out; per store it is in.
COPY (
WITH actual AS (
  SELECT 'item_store' AS level, m.store_id, m.item_id, m.month, m.units_sold FROM store_item_month m
  WHERE m.month >= (SELECT open_month - interval '12 months' FROM publish_context)
    AND m.month <= (SELECT open_month FROM publish_context)
  UNION ALL
  SELECT 'item', NULL, m.item_id, m.month, m.units_sold FROM item_month m
  WHERE m.month >= (SELECT open_month - interval '12 months' FROM publish_context)
    AND m.month <= (SELECT open_month FROM publish_context)
  UNION ALL
  SELECT 'store', m.store_id, NULL, m.month, m.units_sold FROM store_month m
  WHERE m.month >= (SELECT open_month - interval '12 months' FROM publish_context)
    AND m.month <= (SELECT open_month FROM publish_context)
  UNION ALL
  SELECT 'total', NULL, NULL, m.month,
         sum(m.units_sold - CASE WHEN m.store_id = d.online_store_id THEN m.units_bopis ELSE 0 END)
  FROM store_month m CROSS JOIN dataset d
  WHERE m.month >= (SELECT open_month - interval '12 months' FROM publish_context)
    AND m.month <= (SELECT open_month FROM publish_context)
  GROUP BY m.month
), linear AS (
  SELECT 'item_store' AS level, store_id, item_id, linear_units, first_sale_time IS NOT NULL AS sold FROM store_item
  UNION ALL
  SELECT 'item', NULL, item_id, linear_units,
         EXISTS (SELECT FROM item_month m WHERE m.item_id = item_trend.item_id AND m.sale_lines > 0) FROM item_trend
  UNION ALL
  SELECT level, store_id, NULL, linear_units, sold FROM upper_trend
)
SELECT level, store_id, item_id, month, forecast_indicator, model, units, lower, upper, status, c.run_id, c.as_of_utc
FROM (
  SELECT level, store_id, item_id, month, 'Actual' AS forecast_indicator, 'actual' AS model, units_sold::numeric AS units,
         NULL AS lower, NULL AS upper, CASE WHEN month = x.open_month THEN 'partial' ELSE 'ok' END AS status
  FROM actual CROSS JOIN publish_context x
  UNION ALL
  SELECT level, store_id, item_id, x.forecast_month, 'Estimate', 'linear', trim_scale(linear_units), NULL, NULL,
         CASE WHEN NOT sold THEN 'no_demand' WHEN linear_units IS NULL THEN 'insufficient_history' ELSE 'ok' END
  FROM linear CROSS JOIN publish_context x WHERE x.forecast_month IS NOT NULL
) rows CROSS JOIN publish_context c
ORDER BY level COLLATE "C", store_id NULLS FIRST, item_id NULLS FIRST, month, model COLLATE "C"
) TO STDOUT (FORMAT csv, HEADER)
