-- What the fresh events add to each day of a pair.
INSERT INTO touched_day
SELECT f.store_id, f.item_id, f.business_date, f.units_sold, f.units_bopis, f.units_restocked, f.units_shrink,
       f.sale_lines, f.bopis_lines, f.delta_quantity, f.move_quantity, f.first_event_time, f.last_event_time,
       f.first_sale_time, f.last_sale_time, f.event_count, f.change_quantity, f.run_quantity,
       d.store_id IS NOT NULL, f.fresh_count OR d.counted_closing IS NOT NULL
FROM (
  SELECT store_id, item_id, business_date,
         coalesce(sum(units_sold), 0) AS units_sold,
         coalesce(sum(units_sold) FILTER (WHERE role = 'bopis'), 0) AS units_bopis,
         coalesce(sum(quantity) FILTER (WHERE role = 'restock'), 0) AS units_restocked,
         coalesce(-sum(quantity) FILTER (WHERE role = 'shrink'), 0) AS units_shrink,
         count(units_sold) AS sale_lines,
         count(*) FILTER (WHERE role = 'bopis') AS bopis_lines,
         coalesce(sum(quantity) FILTER (WHERE NOT is_count), 0) AS delta_quantity,
         sum(move_quantity) AS move_quantity,
         min(date_time) AS first_event_time,
         max(date_time) AS last_event_time,
         min(date_time) FILTER (WHERE units_sold IS NOT NULL) AS first_sale_time,
         max(date_time) FILTER (WHERE units_sold IS NOT NULL) AS last_sale_time,
         count(*) AS event_count,
         sum(quantity) FILTER (WHERE NOT is_count) AS change_quantity,
         sum(quantity) FILTER (WHERE NOT is_count AND is_new) AS run_quantity,
         bool_or(is_count) AS fresh_count
  FROM fresh GROUP BY store_id, item_id, business_date
) f
LEFT JOIN store_item_day d USING (store_id, item_id, business_date);
SELECT analyse_large('touched_day');

-- All events of the touched days that hold a count; they are all fresh where the day was not known.
INSERT INTO counted_event
SELECT f.store_id, f.item_id, f.business_date, f.date_time, f.event_id, f.is_count, f.quantity, f.move_quantity, f.phase
FROM fresh f
WHERE (f.store_id, f.item_id, f.business_date) IN (
  SELECT store_id, item_id, business_date FROM touched_day WHERE counted AND NOT known)
UNION ALL
SELECT t.store_id, t.item_id, t.business_date, e.date_time, e.event_id, e.is_count, e.quantity, e.move_quantity, e.phase
FROM touched_day t
JOIN classified_event e
  ON e.store_id = t.store_id AND e.item_id = t.item_id
 AND e.date_time >= t.business_date AND e.date_time < t.business_date + interval '1 day'
WHERE t.counted AND t.known;
SELECT analyse_large('counted_event');

-- Stock at the end of those days. Of two counts at one time the larger stands (product.md, Settled in detail).
INSERT INTO day_count
WITH last_count AS (
  SELECT DISTINCT ON (store_id, item_id, business_date) store_id, item_id, business_date, date_time, quantity
  FROM counted_event WHERE is_count
  ORDER BY store_id, item_id, business_date, date_time DESC, quantity DESC
)
-- Changes at the time of a count come after it.
SELECT c.store_id, c.item_id, c.business_date,
       min(c.quantity) + coalesce(sum(e.move_quantity) FILTER (WHERE e.date_time >= c.date_time), 0)
FROM last_count c JOIN counted_event e USING (store_id, item_id, business_date)
GROUP BY c.store_id, c.item_id, c.business_date;
SELECT analyse_large('day_count');
