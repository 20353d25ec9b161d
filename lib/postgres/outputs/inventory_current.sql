-- Stock now, and what to do about it. Cover, dates and order quantity are reckoned as lib/core/planning/cover.ts and
-- reorder.ts do: stock is of this moment, everything else of closed days.
COPY (
WITH planned AS (
  SELECT p.*, f.daily_units, f.lost_units, f.safety_stock, f.reorder_point, f.order_up_to, f.pack_size, f.abc_class,
         f.xyz_class, f.demand_class, f.current_units, f.next_units, r.on_hand / r.units AS cover,
         r.on_hand / r.upper AS cover_early, r.on_hand / r.lower AS cover_late
  FROM store_item p
  LEFT JOIN forecast_pair f USING (store_id, item_id)
  -- Units on hand; units a day as forecast and at the ends of the band, null where they are 0.
  CROSS JOIN LATERAL (
    SELECT CASE WHEN p.final_quantity > 0 THEN p.final_quantity WHEN p.final_quantity <= 0 THEN 0 END::float8 AS on_hand,
           nullif(f.daily_units, 0)::float8 AS units,
           nullif(f.daily_units::float8 * f.next_upper::float8 / nullif(f.next_units, 0)::float8, 0) AS upper,
           nullif(f.daily_units::float8 * f.next_lower::float8 / nullif(f.next_units, 0)::float8, 0) AS lower
  ) r
)
SELECT p.store_id, csv_text(s.name, c.escape) AS store_name, p.item_id, csv_text(i.name, c.escape) AS item_name,
       csv_text(nullif(i.supplier_id, ''), c.escape) AS supplier_id, p.snapshot_quantity, p.snapshot_time,
       p.final_quantity - p.snapshot_quantity AS change_quantity, p.final_quantity, p.delta_quantity,
       p.last_event_time, p.last_sale_time, i.safety_stock_quantity,
       CASE WHEN p.final_quantity IS NULL THEN 'unknown' WHEN p.final_quantity < 0 THEN 'negative'
            WHEN p.final_quantity = 0 THEN 'out'
            WHEN p.final_quantity <= coalesce(i.safety_stock_quantity, 0) THEN 'low' ELSE 'ok' END AS stock_status,
       l.low_stock_rank,
       p.daily_units AS avg_daily_demand, round(p.cover::numeric, 1) AS days_of_cover,
       c.as_of_date + CASE WHEN p.cover <= 3650 THEN floor(p.cover)::integer END AS stockout_date,
       c.as_of_date + CASE WHEN p.cover_early <= 3650 THEN floor(p.cover_early)::integer END AS stockout_date_early,
       c.as_of_date + CASE WHEN p.cover_late <= 3650 THEN floor(p.cover_late)::integer END AS stockout_date_late,
       p.safety_stock AS safety_stock, p.reorder_point AS reorder_point,
       p.order_up_to AS order_up_to,
       CASE WHEN p.final_quantity > p.reorder_point THEN 0
            ELSE ceil((p.order_up_to - p.final_quantity) / p.pack_size) * p.pack_size END AS reorder_quantity,
       p.lost_units AS lost_sales_estimate, p.abc_class, p.xyz_class, p.demand_class, g.cluster_id,
       p.current_units AS forecast_current_month, p.next_units AS forecast_next_month,
       c.run_id, c.as_of_utc
FROM planned p
CROSS JOIN publish_context c
LEFT JOIN store s USING (store_id)
LEFT JOIN item i USING (item_id)
LEFT JOIN item_cluster g USING (item_id)
LEFT JOIN low_stock l USING (store_id, item_id)
ORDER BY p.store_id, p.item_id
) TO STDOUT (FORMAT csv, HEADER)
