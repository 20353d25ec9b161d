-- combined.csv and archive/combined_YYYY-MM.csv: every event of the range with the stock that it left behind.
COPY (
WITH window_event AS MATERIALIZED (
  -- Scalar subqueries, so that partitions outside the range are never opened.
  SELECT * FROM classified_event
  WHERE date_time >= (SELECT from_time FROM publish_range) AND date_time < (SELECT to_time FROM publish_range)
), opening AS MATERIALIZED (
  SELECT p.store_id, p.item_id, o.closing_quantity AS opening
  FROM (SELECT store_id, item_id FROM window_event GROUP BY 1, 2) p
  LEFT JOIN LATERAL (
    SELECT d.closing_quantity FROM store_item_day d
    WHERE d.store_id = p.store_id AND d.item_id = p.item_id
      AND d.business_date < (SELECT from_time FROM publish_range)::date
    ORDER BY d.business_date DESC LIMIT 1) o ON true
), segmented AS (
  SELECT e.*, o.opening, CASE WHEN e.is_count THEN e.quantity END AS counted_quantity,
         count(*) FILTER (WHERE e.is_count) OVER (
           PARTITION BY e.store_id, e.item_id
           ORDER BY e.date_time, e.phase, CASE WHEN e.is_count THEN e.quantity END, e.event_id) AS segment
  FROM window_event e JOIN opening o USING (store_id, item_id)
), stocked AS (
  SELECT *, CASE WHEN segment = 0 THEN opening ELSE first_value(quantity::bigint) OVER run END
            + sum(move_quantity) OVER run AS final_quantity
  FROM segmented
  WINDOW run AS (PARTITION BY store_id, item_id, segment ORDER BY date_time, phase, counted_quantity, event_id)
)
SELECT e.item_id,
       CASE WHEN e.store_id <> d.online_store_id THEN csv_text(nullif(e.employee_id, ''), c.escape) END AS employee_id,
       e.store_id, e.date_time, e.quantity,
       CASE WHEN e.is_count THEN 'snapshot_only' WHEN e.segment > 0 OR e.opening IS NOT NULL THEN 'snapshot_w_change'
            ELSE 'change_only' END AS source_type,
       csv_text(s.name, c.escape) AS store_name,
       CASE WHEN e.is_count THEN 'inventory report'
            ELSE coalesce(csv_text(t.change_type, c.escape), 'unknown change type ' || e.change_type_id) END AS action,
       csv_text(e.trans_id, c.escape) AS trans_id,
       e.change_type_id,
       CASE WHEN NOT e.is_count
            THEN coalesce(csv_text(t.change_type, c.escape), 'unknown change type ' || e.change_type_id) END AS change_type,
       e.final_quantity,
       csv_text(i.name, c.escape) AS item_name,
       local_to_utc(e.date_time, coalesce(s.timezone, c.time_zone))::timestamp(0) AS date_time_utc,
       e.date_time::date AS business_date,
       extract(hour FROM e.date_time)::int AS hour,
       e.units_sold,
       CASE WHEN NOT r.archive THEN c.forecast_month END AS forecast_month,
       CASE WHEN NOT r.archive THEN trim_scale(p.linear_units) END AS forecast_units_linear,
       NULL AS forecast_units, NULL AS forecast_lower, NULL AS forecast_upper,
       CASE WHEN NOT r.archive THEN l.low_stock_rank END AS low_stock_rank,
       e.event_id, c.run_id, c.as_of_utc
FROM stocked e
CROSS JOIN publish_context c
CROSS JOIN publish_range r
CROSS JOIN dataset d
JOIN store_item p USING (store_id, item_id)
LEFT JOIN store s USING (store_id)
LEFT JOIN item i USING (item_id)
LEFT JOIN change_type t USING (change_type_id)
LEFT JOIN low_stock l USING (store_id, item_id)
ORDER BY e.store_id, e.item_id, e.date_time, e.phase, e.counted_quantity, e.event_id
) TO STDOUT (FORMAT csv, HEADER)
