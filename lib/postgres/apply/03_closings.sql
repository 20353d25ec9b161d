-- Closing stock from the first touched day of a pair up to, and without, the next day that holds a count.
CREATE TEMP TABLE touched_span ON COMMIT DROP AS
SELECT s.store_id, s.item_id, s.from_date, s.to_date, o.opening, n.next_count_date
FROM (SELECT store_id, item_id, min(business_date) AS from_date, max(business_date) AS to_date
      FROM touched_day GROUP BY 1, 2) s
LEFT JOIN LATERAL (
  SELECT p.closing_quantity AS opening FROM store_item_day p
  WHERE p.store_id = s.store_id AND p.item_id = s.item_id AND p.business_date < s.from_date
  ORDER BY p.business_date DESC LIMIT 1) o ON true
LEFT JOIN LATERAL (
  SELECT f.business_date AS next_count_date FROM store_item_day f
  WHERE f.store_id = s.store_id AND f.item_id = s.item_id AND f.business_date > s.to_date
    AND f.counted_closing IS NOT NULL
  ORDER BY f.business_date LIMIT 1) n ON true;
ANALYZE touched_span;

CREATE TEMP TABLE changed_closing (store_id bigint, item_id bigint, business_date date) ON COMMIT DROP;

WITH segmented AS (
  SELECT d.store_id, d.item_id, d.business_date, d.counted_closing, d.move_quantity, s.opening,
         count(d.counted_closing) OVER (PARTITION BY d.store_id, d.item_id ORDER BY d.business_date) AS segment
  FROM touched_span s
  JOIN store_item_day d ON d.store_id = s.store_id AND d.item_id = s.item_id
   AND d.business_date >= s.from_date AND (s.next_count_date IS NULL OR d.business_date < s.next_count_date)
), closed AS (
  SELECT store_id, item_id, business_date,
         CASE WHEN segment = 0 THEN opening ELSE first_value(counted_closing) OVER run END
         + sum(CASE WHEN counted_closing IS NULL THEN move_quantity ELSE 0 END) OVER run AS closing_quantity
  FROM segmented
  WINDOW run AS (PARTITION BY store_id, item_id, segment ORDER BY business_date)
), updated AS (
  UPDATE store_item_day d SET closing_quantity = c.closing_quantity
  FROM closed c
  WHERE d.store_id = c.store_id AND d.item_id = c.item_id AND d.business_date = c.business_date
    AND d.closing_quantity IS DISTINCT FROM c.closing_quantity
  RETURNING d.store_id, d.item_id, d.business_date
)
INSERT INTO changed_closing SELECT * FROM updated;
