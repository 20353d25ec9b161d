-- combined.csv and archive/combined_YYYY-MM.csv: every event of the range with the stock that it left behind.
-- Names are joined first, so that one sort serves the running stock and the order of the file.
COPY (
WITH window_event AS MATERIALIZED (
  -- Scalar subqueries, so that partitions outside the range are never opened.
  SELECT * FROM classified_event
  WHERE date_time >= (SELECT from_time FROM publish_range) AND date_time < (SELECT to_time FROM publish_range)
), pair AS MATERIALIZED (
  SELECT p.store_id, p.item_id, o.opening, csv_text(i.name, c.escape) AS item_name,
         CASE WHEN NOT r.archive THEN trim_scale(s.linear_units) END AS linear_units,
         CASE WHEN NOT r.archive THEN l.low_stock_rank END AS low_stock_rank
  FROM (SELECT store_id, item_id FROM window_event GROUP BY 1, 2) p
  CROSS JOIN publish_context c
  CROSS JOIN publish_range r
  JOIN store_item s USING (store_id, item_id)
  LEFT JOIN item i USING (item_id)
  LEFT JOIN low_stock l USING (store_id, item_id)
  LEFT JOIN LATERAL (
    SELECT d.closing_quantity AS opening FROM store_item_day d
    WHERE d.store_id = p.store_id AND d.item_id = p.item_id AND d.business_date < r.from_time::date
    ORDER BY d.business_date DESC LIMIT 1) o ON true
), place AS MATERIALIZED (
  SELECT k.store_id, csv_text(s.name, c.escape) AS store_name, coalesce(s.timezone, c.time_zone) AS zone,
         k.store_id = d.online_store_id AS is_online
  FROM store_clock k CROSS JOIN publish_context c CROSS JOIN dataset d LEFT JOIN store s USING (store_id)
), ordered AS (
  SELECT e.*, p.opening, p.item_name, p.linear_units, p.low_stock_rank, s.store_name, s.zone, s.is_online,
         csv_text(t.change_type, c.escape) AS change_type, c.escape, c.run_id, c.as_of_utc,
         CASE WHEN NOT r.archive THEN c.forecast_month END AS forecast_month,
         count(*) FILTER (WHERE e.is_count) OVER running AS segment,
         sum(e.move_quantity) OVER running AS moved
  FROM window_event e
  JOIN pair p USING (store_id, item_id)
  JOIN place s USING (store_id)
  LEFT JOIN change_type t USING (change_type_id)
  CROSS JOIN publish_context c
  CROSS JOIN publish_range r
  WINDOW running AS (PARTITION BY e.store_id, e.item_id
                     ORDER BY e.date_time, e.phase, CASE WHEN e.is_count THEN e.quantity END, e.event_id)
), stocked AS (
  -- The newest count so far: segments grow, so the largest (segment, base) is it.
  SELECT *, max(CASE WHEN is_count THEN ARRAY[segment, quantity - moved] END) OVER running AS base
  FROM ordered e
  WINDOW running AS (PARTITION BY e.store_id, e.item_id
                     ORDER BY e.date_time, e.phase, CASE WHEN e.is_count THEN e.quantity END, e.event_id)
)
SELECT e.item_id,
       CASE WHEN NOT e.is_online THEN csv_text(nullif(e.employee_id, ''), e.escape) END AS employee_id,
       e.store_id, e.date_time, e.quantity,
       CASE WHEN e.is_count THEN 'snapshot_only' WHEN e.segment > 0 OR e.opening IS NOT NULL THEN 'snapshot_w_change'
            ELSE 'change_only' END AS source_type,
       e.store_name,
       CASE WHEN e.is_count THEN 'inventory report'
            ELSE coalesce(e.change_type, 'unknown change type ' || e.change_type_id) END AS action,
       csv_text(e.trans_id, e.escape) AS trans_id,
       e.change_type_id,
       CASE WHEN NOT e.is_count THEN coalesce(e.change_type, 'unknown change type ' || e.change_type_id) END AS change_type,
       coalesce(e.base[2], e.opening) + e.moved AS final_quantity,
       e.item_name,
       local_to_utc(e.date_time, e.zone)::timestamp(0) AS date_time_utc,
       e.date_time::date AS business_date,
       extract(hour FROM e.date_time)::int AS hour,
       e.units_sold, e.forecast_month,
       e.linear_units AS forecast_units_linear,
       NULL AS forecast_units, NULL AS forecast_lower, NULL AS forecast_upper,
       e.low_stock_rank, e.event_id, e.run_id, e.as_of_utc
FROM stocked e
ORDER BY e.store_id, e.item_id, e.date_time, e.phase, CASE WHEN e.is_count THEN e.quantity END, e.event_id
) TO STDOUT (FORMAT csv, HEADER)
