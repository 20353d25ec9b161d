-- What the books said just before each count of the touched days, and of the next count after them.
WITH counted_day AS (
  SELECT t.store_id, t.item_id, t.business_date
  FROM touched_day t JOIN store_item_day d USING (store_id, item_id, business_date)
  WHERE d.counted_closing IS NOT NULL
  UNION
  SELECT store_id, item_id, next_count_date FROM touched_span WHERE next_count_date IS NOT NULL
  UNION
  -- A count between two touched days, whose opening moved.
  SELECT s.store_id, s.item_id, d.business_date
  FROM touched_span s
  JOIN store_item_day d ON d.store_id = s.store_id AND d.item_id = s.item_id
   AND d.business_date > s.from_date AND d.business_date < s.to_date
  WHERE d.counted_closing IS NOT NULL
), opened AS (
  SELECT c.*, (SELECT p.closing_quantity FROM store_item_day p
               WHERE p.store_id = c.store_id AND p.item_id = c.item_id AND p.business_date < c.business_date
               ORDER BY p.business_date DESC LIMIT 1) AS opening
  FROM counted_day c
), segmented AS (
  SELECT o.store_id, o.item_id, o.business_date, o.opening, e.date_time, e.event_id, e.is_count, e.quantity,
         e.move_quantity, e.phase,
         count(*) FILTER (WHERE e.is_count) OVER (
           PARTITION BY o.store_id, o.item_id, o.business_date
           ORDER BY e.date_time, e.phase, CASE WHEN e.is_count THEN e.quantity END, e.event_id) AS segment
  FROM opened o
  JOIN classified_event e ON e.store_id = o.store_id AND e.item_id = o.item_id AND e.date_time::date = o.business_date
   AND e.date_time >= o.business_date AND e.date_time < o.business_date + interval '1 day'
), after AS (
  SELECT *, CASE WHEN segment = 0 THEN opening ELSE max(quantity) FILTER (WHERE is_count) OVER run END
            + sum(move_quantity) OVER run AS on_hand
  FROM segmented
  WINDOW run AS (PARTITION BY store_id, item_id, business_date, segment
                 ORDER BY date_time, phase, CASE WHEN is_count THEN quantity END, event_id)
), booked AS (
  SELECT store_id, item_id, date_time, event_id, quantity, is_count,
         CASE WHEN row_number() OVER running = 1 THEN opening ELSE lag(on_hand) OVER running END AS book_quantity
  FROM after
  WINDOW running AS (PARTITION BY store_id, item_id, business_date
                     ORDER BY date_time, phase, CASE WHEN is_count THEN quantity END, event_id)
)
INSERT INTO stocktake AS s (store_id, item_id, date_time, event_id, counted_quantity, book_quantity)
SELECT store_id, item_id, date_time, event_id, quantity, book_quantity
FROM booked WHERE is_count
ON CONFLICT (store_id, item_id, date_time, event_id) DO UPDATE SET book_quantity = excluded.book_quantity
WHERE s.book_quantity IS DISTINCT FROM excluded.book_quantity;
