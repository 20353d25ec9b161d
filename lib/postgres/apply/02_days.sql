-- Daily figures of the touched days, recounted from their events.
WITH day_event AS (
  SELECT d.store_id, d.item_id, d.business_date, e.date_time, e.quantity, e.is_count, e.role, e.move_quantity,
         e.units_sold
  FROM touched_day d
  JOIN classified_event e
    ON e.store_id = d.store_id AND e.item_id = d.item_id AND e.date_time::date = d.business_date
   AND e.date_time >= d.business_date AND e.date_time < d.business_date + interval '1 day'
), last_count AS (
  -- Of two counts at one time the larger stands (product.md, Settled in detail).
  SELECT DISTINCT ON (store_id, item_id, business_date) store_id, item_id, business_date, date_time, quantity
  FROM day_event WHERE is_count
  ORDER BY store_id, item_id, business_date, date_time DESC, quantity DESC
)
INSERT INTO store_item_day AS s
  (store_id, item_id, business_date, units_sold, units_bopis, units_restocked, units_shrink, sale_lines,
   bopis_lines, delta_quantity, move_quantity, counted_closing)
SELECT e.store_id, e.item_id, e.business_date,
       coalesce(sum(e.units_sold), 0),
       coalesce(sum(e.units_sold) FILTER (WHERE e.role = 'bopis'), 0),
       coalesce(sum(e.quantity) FILTER (WHERE e.role = 'restock'), 0),
       coalesce(-sum(e.quantity) FILTER (WHERE e.role = 'shrink'), 0),
       count(*) FILTER (WHERE e.role IN ('sale', 'bopis')),
       count(*) FILTER (WHERE e.role = 'bopis'),
       coalesce(sum(e.quantity) FILTER (WHERE NOT e.is_count), 0),
       sum(e.move_quantity),
       -- Changes at the time of a count come after it.
       min(c.quantity) + coalesce(sum(e.move_quantity) FILTER (WHERE e.date_time >= c.date_time), 0)
FROM day_event e
LEFT JOIN last_count c USING (store_id, item_id, business_date)
GROUP BY e.store_id, e.item_id, e.business_date
ORDER BY e.store_id, e.item_id, e.business_date
ON CONFLICT (store_id, item_id, business_date) DO UPDATE SET
  units_sold = excluded.units_sold, units_bopis = excluded.units_bopis, units_restocked = excluded.units_restocked,
  units_shrink = excluded.units_shrink, sale_lines = excluded.sale_lines,
  bopis_lines = excluded.bopis_lines, delta_quantity = excluded.delta_quantity,
  move_quantity = excluded.move_quantity, counted_closing = excluded.counted_closing;
