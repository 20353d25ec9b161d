-- Totals and current stock per pair, in key order so that two writers could never lock each other out.
INSERT INTO store_item AS s
  (store_id, item_id, delta_quantity, snapshot_quantity, snapshot_time, final_quantity, first_event_time,
   last_event_time, first_sale_time, last_sale_time, event_count)
SELECT f.store_id, f.item_id, f.delta_quantity, c.quantity, c.date_time, d.closing_quantity, f.first_event_time,
       f.last_event_time, f.first_sale_time, f.last_sale_time, f.event_count
FROM (
  SELECT store_id, item_id,
         sum(quantity) FILTER (WHERE NOT is_count) AS delta_quantity,
         min(date_time) AS first_event_time,
         max(date_time) AS last_event_time,
         min(date_time) FILTER (WHERE units_sold IS NOT NULL) AS first_sale_time,
         max(date_time) FILTER (WHERE units_sold IS NOT NULL) AS last_sale_time,
         count(*) AS event_count
  FROM fresh GROUP BY store_id, item_id
) f
LEFT JOIN (
  SELECT DISTINCT ON (store_id, item_id) store_id, item_id, date_time, quantity
  FROM fresh WHERE is_count ORDER BY store_id, item_id, date_time DESC, quantity DESC
) c USING (store_id, item_id)
CROSS JOIN LATERAL (
  SELECT x.closing_quantity FROM store_item_day x
  WHERE x.store_id = f.store_id AND x.item_id = f.item_id
  ORDER BY x.business_date DESC LIMIT 1
) d
ORDER BY f.store_id, f.item_id
ON CONFLICT (store_id, item_id) DO UPDATE SET
  delta_quantity = CASE WHEN s.delta_quantity IS NULL THEN excluded.delta_quantity
                        ELSE s.delta_quantity + coalesce(excluded.delta_quantity, 0) END,
  snapshot_quantity = CASE WHEN s.snapshot_time IS NULL
                             OR (excluded.snapshot_time, excluded.snapshot_quantity) > (s.snapshot_time, s.snapshot_quantity)
                           THEN excluded.snapshot_quantity ELSE s.snapshot_quantity END,
  snapshot_time = greatest(s.snapshot_time, excluded.snapshot_time),
  final_quantity = excluded.final_quantity,
  first_event_time = least(s.first_event_time, excluded.first_event_time),
  last_event_time = greatest(s.last_event_time, excluded.last_event_time),
  first_sale_time = least(s.first_sale_time, excluded.first_sale_time),
  last_sale_time = greatest(s.last_sale_time, excluded.last_sale_time),
  event_count = s.event_count + excluded.event_count;

INSERT INTO run_delta (run_seq, store_id, item_id, delta_quantity)
SELECT c.run_seq, f.store_id, f.item_id,
       sum(f.quantity) FILTER (WHERE NOT f.is_count AND f.run_seq = c.run_seq)
FROM fresh f CROSS JOIN apply_context c
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3;

INSERT INTO store_clock AS s (store_id, first_event_time, last_event_time)
SELECT store_id, min(date_time), max(date_time) FROM fresh GROUP BY store_id ORDER BY store_id
ON CONFLICT (store_id) DO UPDATE SET
  first_event_time = least(s.first_event_time, excluded.first_event_time),
  last_event_time = greatest(s.last_event_time, excluded.last_event_time);
