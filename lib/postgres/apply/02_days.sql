-- Daily figures of the touched days. A day without events before has all of its events in `fresh`; a day that is known
-- is recounted from all of its events.
CREATE TEMP TABLE touched_day ON COMMIT DROP AS
SELECT f.store_id, f.item_id, f.business_date, d.store_id IS NOT NULL AS known,
       coalesce(d.units_sold, 0) AS was_sold, coalesce(d.units_bopis, 0) AS was_bopis,
       coalesce(d.sale_lines, 0) AS was_sale_lines, coalesce(d.bopis_lines, 0) AS was_bopis_lines
FROM (SELECT store_id, item_id, business_date FROM fresh GROUP BY 1, 2, 3) f
LEFT JOIN store_item_day d USING (store_id, item_id, business_date);
ANALYZE touched_day;

CREATE TEMP VIEW known_day_event AS
SELECT t.store_id, t.item_id, t.business_date, e.date_time, e.event_id, e.quantity, e.is_count, e.phase, e.role,
       e.move_quantity, e.units_sold
FROM touched_day t
JOIN classified_event e
  ON e.store_id = t.store_id AND e.item_id = t.item_id AND e.date_time::date = t.business_date
 AND e.date_time >= t.business_date AND e.date_time < t.business_date + interval '1 day'
WHERE t.known;

CREATE TEMP TABLE day_figure ON COMMIT DROP AS
WITH day_event AS (
  SELECT store_id, item_id, business_date, date_time, quantity, is_count, role, move_quantity, units_sold
  FROM known_day_event
  UNION ALL
  SELECT f.store_id, f.item_id, f.business_date, f.date_time, f.quantity, f.is_count, f.role, f.move_quantity,
         f.units_sold
  FROM fresh f
  WHERE NOT EXISTS (SELECT FROM touched_day t WHERE t.known AND t.store_id = f.store_id AND t.item_id = f.item_id
                      AND t.business_date = f.business_date)
), last_count AS (
  -- Of two counts at one time the larger stands (product.md, Settled in detail).
  SELECT DISTINCT ON (store_id, item_id, business_date) store_id, item_id, business_date, date_time, quantity
  FROM day_event WHERE is_count
  ORDER BY store_id, item_id, business_date, date_time DESC, quantity DESC
)
SELECT e.store_id, e.item_id, e.business_date,
       coalesce(sum(e.units_sold), 0)::bigint AS units_sold,
       coalesce(sum(e.units_sold) FILTER (WHERE e.role = 'bopis'), 0)::bigint AS units_bopis,
       coalesce(sum(e.quantity) FILTER (WHERE e.role = 'restock'), 0)::bigint AS units_restocked,
       coalesce(-sum(e.quantity) FILTER (WHERE e.role = 'shrink'), 0)::bigint AS units_shrink,
       count(e.units_sold) AS sale_lines,
       count(*) FILTER (WHERE e.role = 'bopis') AS bopis_lines,
       coalesce(sum(e.quantity) FILTER (WHERE NOT e.is_count), 0)::bigint AS delta_quantity,
       sum(e.move_quantity)::bigint AS move_quantity,
       -- Changes at the time of a count come after it.
       (min(c.quantity) + coalesce(sum(e.move_quantity) FILTER (WHERE e.date_time >= c.date_time), 0))::bigint
         AS counted_closing
FROM day_event e
LEFT JOIN last_count c USING (store_id, item_id, business_date)
GROUP BY e.store_id, e.item_id, e.business_date;
ANALYZE day_figure;
