-- What the books said just before each count of the touched days, and of the next count after them.
WITH later_count AS (
  SELECT store_id, item_id, next_count_date AS business_date FROM touched_span WHERE next_count_date IS NOT NULL
  UNION
  -- A count between two touched days, whose opening moved.
  SELECT s.store_id, s.item_id, d.business_date
  FROM touched_span s
  JOIN store_item_day d ON d.store_id = s.store_id AND d.item_id = s.item_id
   AND d.business_date > s.from_date AND d.business_date < s.to_date
  WHERE s.to_date > s.from_date AND d.counted_closing IS NOT NULL
    AND NOT EXISTS (SELECT FROM touched_day t WHERE t.counted AND t.store_id = d.store_id AND t.item_id = d.item_id
                      AND t.business_date = d.business_date)
), day_event AS (
  SELECT * FROM counted_event
  UNION ALL
  SELECT c.store_id, c.item_id, c.business_date, e.date_time, e.event_id, e.is_count, e.quantity, e.move_quantity,
         e.phase
  FROM later_count c
  JOIN classified_event e ON e.store_id = c.store_id AND e.item_id = c.item_id
   AND e.date_time >= c.business_date AND e.date_time < c.business_date + interval '1 day'
), ordered AS (
  SELECT *, sum(move_quantity) OVER (
           PARTITION BY store_id, item_id, business_date
           ORDER BY date_time, phase, CASE WHEN is_count THEN quantity END, event_id) AS moved
  FROM day_event
), counts AS (
  -- The count before it on this day, as a base to which what moved since is added.
  SELECT *, lag(quantity - moved) OVER (PARTITION BY store_id, item_id, business_date
                                        ORDER BY date_time, quantity, event_id) AS base
  FROM ordered WHERE is_count
), upserted AS (
  INSERT INTO stocktake AS s (store_id, item_id, date_time, event_id, counted_quantity, book_quantity)
  SELECT b.store_id, b.item_id, b.date_time, b.event_id, b.quantity,
         -- A count moves nothing itself, so `moved` is what moved before it.
         coalesce(b.base, o.opening) + b.moved
  FROM counts b
  LEFT JOIN LATERAL (
    SELECT p.closing_quantity AS opening FROM store_item_day p
    WHERE p.store_id = b.store_id AND p.item_id = b.item_id AND p.business_date < b.business_date
    ORDER BY p.business_date DESC LIMIT 1) o ON true
  ORDER BY 1, 2, 3
  ON CONFLICT (store_id, item_id, date_time, event_id) DO UPDATE SET book_quantity = excluded.book_quantity
  WHERE s.book_quantity IS DISTINCT FROM excluded.book_quantity
  RETURNING date_time::date AS business_date
)
-- The stock before such a count moved though the day's closing did not: its archive month is to be written again.
INSERT INTO changed_date SELECT DISTINCT business_date FROM upserted ON CONFLICT DO NOTHING;
