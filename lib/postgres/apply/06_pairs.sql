-- Totals, current stock and months per pair, in key order so that two writers could never lock each other out.
INSERT INTO store_item AS s
  (store_id, item_id, delta_quantity, snapshot_quantity, snapshot_time, final_quantity, first_event_time,
   last_event_time, first_sale_time, last_sale_time, event_count)
SELECT f.store_id, f.item_id, f.delta_quantity, c.quantity, c.date_time, d.closing_quantity, f.first_event_time,
       f.last_event_time, f.first_sale_time, f.last_sale_time, f.event_count
FROM (
  SELECT store_id, item_id,
         sum(change_quantity) AS delta_quantity,
         min(first_event_time) AS first_event_time,
         max(last_event_time) AS last_event_time,
         min(first_sale_time) AS first_sale_time,
         max(last_sale_time) AS last_sale_time,
         sum(event_count) AS event_count
  FROM touched_day GROUP BY store_id, item_id
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

-- A run may count its rows in several rounds, each of which adds.
INSERT INTO run_delta AS r (run_seq, store_id, item_id, delta_quantity)
SELECT (SELECT run_seq FROM apply_context), store_id, item_id, sum(run_quantity)
FROM touched_day
GROUP BY 2, 3
ORDER BY 2, 3
ON CONFLICT (run_seq, store_id, item_id) DO UPDATE SET
  delta_quantity = CASE WHEN r.delta_quantity IS NULL THEN excluded.delta_quantity
                        ELSE r.delta_quantity + coalesce(excluded.delta_quantity, 0) END;

-- Monthly sales, by what was added to the days. Months first, so that those of one month lie together and a forecast
-- reads its 13 months alone.
INSERT INTO month_change
SELECT store_id, item_id, (business_date - (extract(day FROM business_date)::integer - 1)),
       sum(units_sold), sum(units_bopis), sum(sale_lines), sum(bopis_lines)
FROM touched_day
GROUP BY 1, 2, 3;
SELECT analyse_large('month_change');

INSERT INTO store_item_month AS m (store_id, item_id, month, units_sold, units_bopis, sale_lines, bopis_lines)
SELECT store_id, item_id, month, units_sold, units_bopis, sale_lines, bopis_lines FROM month_change ORDER BY 3, 1, 2
ON CONFLICT (store_id, item_id, month) DO UPDATE SET
  units_sold = m.units_sold + excluded.units_sold, units_bopis = m.units_bopis + excluded.units_bopis,
  sale_lines = m.sale_lines + excluded.sale_lines, bopis_lines = m.bopis_lines + excluded.bopis_lines;
