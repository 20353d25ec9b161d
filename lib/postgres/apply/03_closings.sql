-- Closing stock from the first touched day of a pair up to, and without, the next day that holds a count: touched days
-- with their new figures, days between and behind them as they stand.
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

CREATE TEMP TABLE day_closing ON COMMIT DROP AS
WITH walked AS (
  SELECT f.*, t.known, true AS touched, NULL::bigint AS was_closing, s.opening
  FROM day_figure f
  JOIN touched_span s USING (store_id, item_id)
  JOIN touched_day t USING (store_id, item_id, business_date)
  UNION ALL
  SELECT d.store_id, d.item_id, d.business_date, d.units_sold, d.units_bopis, d.units_restocked, d.units_shrink,
         d.sale_lines, d.bopis_lines, d.delta_quantity, d.move_quantity, d.counted_closing, true, false,
         d.closing_quantity, s.opening
  FROM touched_span s
  JOIN store_item_day d ON d.store_id = s.store_id AND d.item_id = s.item_id
   AND d.business_date > s.from_date AND (s.next_count_date IS NULL OR d.business_date < s.next_count_date)
  WHERE NOT EXISTS (SELECT FROM touched_day t WHERE t.store_id = d.store_id AND t.item_id = d.item_id
                      AND t.business_date = d.business_date)
), segmented AS (
  SELECT *, count(counted_closing) OVER (PARTITION BY store_id, item_id ORDER BY business_date) AS segment,
         sum(move_quantity) OVER (PARTITION BY store_id, item_id ORDER BY business_date) AS moved
  FROM walked
), based AS (
  -- The newest count so far: segments grow, so the largest (segment, base) is it.
  SELECT *, max(CASE WHEN counted_closing IS NOT NULL THEN ARRAY[segment, counted_closing - moved] END)
              OVER (PARTITION BY store_id, item_id ORDER BY business_date) AS base
  FROM segmented
)
SELECT store_id, item_id, business_date, units_sold, units_bopis, units_restocked, units_shrink, sale_lines,
       bopis_lines, delta_quantity, move_quantity, counted_closing,
       (coalesce(base[2], opening) + moved)::bigint AS closing_quantity, was_closing, known, touched
FROM based
ORDER BY store_id, item_id, business_date;
ANALYZE day_closing;

INSERT INTO store_item_day
  (store_id, item_id, business_date, units_sold, units_bopis, units_restocked, units_shrink, sale_lines,
   bopis_lines, delta_quantity, move_quantity, counted_closing, closing_quantity)
SELECT store_id, item_id, business_date, units_sold, units_bopis, units_restocked, units_shrink, sale_lines,
       bopis_lines, delta_quantity, move_quantity, counted_closing, closing_quantity
FROM day_closing WHERE NOT known;

UPDATE store_item_day d SET
  units_sold = c.units_sold, units_bopis = c.units_bopis, units_restocked = c.units_restocked,
  units_shrink = c.units_shrink, sale_lines = c.sale_lines, bopis_lines = c.bopis_lines,
  delta_quantity = c.delta_quantity, move_quantity = c.move_quantity, counted_closing = c.counted_closing,
  closing_quantity = c.closing_quantity
FROM day_closing c
WHERE c.known AND (c.touched OR c.closing_quantity IS DISTINCT FROM c.was_closing)
  AND d.store_id = c.store_id AND d.item_id = c.item_id AND d.business_date = c.business_date;

CREATE TEMP TABLE changed_date (business_date date PRIMARY KEY) ON COMMIT DROP;
INSERT INTO changed_date
SELECT business_date FROM day_closing WHERE touched OR closing_quantity IS DISTINCT FROM was_closing
UNION SELECT next_count_date FROM touched_span WHERE next_count_date IS NOT NULL;
