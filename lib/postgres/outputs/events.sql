-- combined.csv and archive/combined_YYYY-MM.csv: every event of a range of local times with the stock that it left
-- behind. Settings of the transaction: publish.from_time, publish.to_time (exclusive), publish.archive (leaves forecast
-- and rank empty). One sort serves both windows and the file; names are joined to the sorted rows, so that they stay slim.
COPY (
WITH event AS (
  SELECT e.store_id, e.item_id, e.date_time, m.phase, CASE WHEN e.is_count THEN e.quantity END AS counted, e.event_id,
         e.is_count, e.quantity, m.move_quantity::integer AS move_quantity, m.units_sold, e.employee_id, e.trans_id,
         e.change_type_id,
         CASE WHEN NOT e.is_count THEN coalesce(csv_text(t.change_type, (SELECT escape FROM publish_context)),
                                                'unknown change type ' || e.change_type_id) END AS change_type
  FROM inventory_event e
  LEFT JOIN (SELECT * FROM change_type CROSS JOIN dataset) t USING (change_type_id)
  CROSS JOIN LATERAL event_meaning(e.is_count, e.quantity, e.store_id, t.role, t.online_store_id,
                                   t.online_bopis_moves_stock) m
  WHERE e.date_time >= current_setting('publish.from_time')::timestamp
    AND e.date_time < current_setting('publish.to_time')::timestamp
), moved AS (
  SELECT *, sum(move_quantity) OVER running AS moved, row_number() OVER running AS place
  FROM event
  WINDOW running AS (PARTITION BY store_id, item_id ORDER BY date_time, phase, counted, event_id
                     ROWS UNBOUNDED PRECEDING)
), stocked AS (
  -- What the moves add to: the newest count so far, before the first the closing of the last day before the range.
  SELECT *, newest(CASE WHEN is_count THEN quantity - moved
                        WHEN place = 1 THEN (
                          SELECT d.closing_quantity FROM store_item_day d
                          WHERE d.store_id = m.store_id AND d.item_id = m.item_id
                            AND d.business_date < current_setting('publish.from_time')::date
                          ORDER BY d.business_date DESC LIMIT 1) END) OVER running AS base
  FROM moved m
  WINDOW running AS (PARTITION BY store_id, item_id ORDER BY date_time, phase, counted, event_id
                     ROWS UNBOUNDED PRECEDING)
)
SELECT e.item_id,
       CASE WHEN NOT p.is_online
            THEN csv_text(nullif(e.employee_id, ''), (SELECT escape FROM publish_context)) END AS employee_id,
       e.store_id, e.date_time, e.quantity,
       CASE WHEN e.is_count THEN 'snapshot_only' WHEN e.base IS NOT NULL THEN 'snapshot_w_change'
            ELSE 'change_only' END AS source_type,
       p.store_name, coalesce(e.change_type, 'inventory report') AS action,
       csv_text(e.trans_id, (SELECT escape FROM publish_context)) AS trans_id, e.change_type_id, e.change_type,
       e.base + e.moved AS final_quantity, p.item_name,
       local_to_utc(e.date_time, p.zone)::timestamp(0) AS date_time_utc,
       e.date_time::date AS business_date, date_part('hour', e.date_time)::int AS hour, e.units_sold,
       (SELECT forecast_month FROM publish_context WHERE NOT current_setting('publish.archive')::boolean) AS forecast_month,
       CASE WHEN NOT (SELECT current_setting('publish.archive')::boolean) THEN p.linear_units END AS forecast_units_linear,
       CASE WHEN NOT (SELECT current_setting('publish.archive')::boolean) THEN p.forecast_units END AS forecast_units,
       CASE WHEN NOT (SELECT current_setting('publish.archive')::boolean) THEN p.forecast_lower END AS forecast_lower,
       CASE WHEN NOT (SELECT current_setting('publish.archive')::boolean) THEN p.forecast_upper END AS forecast_upper,
       CASE WHEN NOT (SELECT current_setting('publish.archive')::boolean) THEN p.low_stock_rank END AS low_stock_rank,
       e.event_id, (SELECT run_id FROM publish_context) AS run_id, (SELECT as_of_utc FROM publish_context) AS as_of_utc
FROM stocked e
JOIN publish_pair p USING (store_id, item_id)
ORDER BY e.store_id, e.item_id, e.date_time, e.phase, e.counted, e.event_id
) TO STDOUT (FORMAT csv, HEADER)
