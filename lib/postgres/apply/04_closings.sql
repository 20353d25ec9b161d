-- Closing stock from the first touched day of a pair up to, and without, the next day that holds a count: touched days
-- with what was added, days between and behind them as they stand.
INSERT INTO touched_span
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
SELECT analyse_large('touched_span');

WITH walked AS (
  SELECT t.store_id, t.item_id, t.business_date,
         t.units_sold + coalesce(d.units_sold, 0) AS units_sold,
         t.units_bopis + coalesce(d.units_bopis, 0) AS units_bopis,
         t.units_restocked + coalesce(d.units_restocked, 0) AS units_restocked,
         t.units_shrink + coalesce(d.units_shrink, 0) AS units_shrink,
         t.sale_lines + coalesce(d.sale_lines, 0) AS sale_lines,
         t.bopis_lines + coalesce(d.bopis_lines, 0) AS bopis_lines,
         t.delta_quantity + coalesce(d.delta_quantity, 0) AS delta_quantity,
         t.move_quantity + coalesce(d.move_quantity, 0) AS move_quantity,
         k.counted_closing, t.known, true AS touched, NULL::bigint AS was_closing
  FROM touched_day t
  LEFT JOIN store_item_day d USING (store_id, item_id, business_date)
  LEFT JOIN day_count k USING (store_id, item_id, business_date)
  UNION ALL
  SELECT d.store_id, d.item_id, d.business_date, d.units_sold, d.units_bopis, d.units_restocked, d.units_shrink,
         d.sale_lines, d.bopis_lines, d.delta_quantity, d.move_quantity, d.counted_closing, true, false,
         d.closing_quantity
  FROM touched_span s
  JOIN store_item_day d ON d.store_id = s.store_id AND d.item_id = s.item_id
   AND d.business_date > s.from_date AND (s.next_count_date IS NULL OR d.business_date < s.next_count_date)
  WHERE NOT EXISTS (SELECT FROM touched_day t WHERE t.store_id = d.store_id AND t.item_id = d.item_id
                      AND t.business_date = d.business_date)
), moved AS (
  SELECT *, (sum(move_quantity) OVER walk)::bigint AS moved FROM walked
  WINDOW walk AS (PARTITION BY store_id, item_id ORDER BY business_date ROWS UNBOUNDED PRECEDING)
), based AS (
  -- What the moves add to: the newest count so far, before the first the stock before the first of these days.
  SELECT *, newest(counted_closing - moved) OVER walk AS base FROM moved
  WINDOW walk AS (PARTITION BY store_id, item_id ORDER BY business_date ROWS UNBOUNDED PRECEDING)
), closing AS MATERIALIZED (
  SELECT b.*, coalesce(b.base, s.opening) + b.moved AS closing_quantity
  FROM based b JOIN touched_span s USING (store_id, item_id)
), inserted AS (
  INSERT INTO store_item_day
    (store_id, item_id, business_date, units_sold, units_bopis, units_restocked, units_shrink, sale_lines,
     bopis_lines, delta_quantity, move_quantity, counted_closing, closing_quantity)
  SELECT store_id, item_id, business_date, units_sold, units_bopis, units_restocked, units_shrink, sale_lines,
         bopis_lines, delta_quantity, move_quantity, counted_closing, closing_quantity
  FROM closing WHERE NOT known
), updated AS (
  UPDATE store_item_day d SET
    units_sold = c.units_sold, units_bopis = c.units_bopis, units_restocked = c.units_restocked,
    units_shrink = c.units_shrink, sale_lines = c.sale_lines, bopis_lines = c.bopis_lines,
    delta_quantity = c.delta_quantity, move_quantity = c.move_quantity, counted_closing = c.counted_closing,
    closing_quantity = c.closing_quantity
  FROM closing c
  WHERE c.known AND (c.touched OR c.closing_quantity IS DISTINCT FROM c.was_closing)
    AND d.store_id = c.store_id AND d.item_id = c.item_id AND d.business_date = c.business_date
)
INSERT INTO changed_date
SELECT business_date FROM closing WHERE touched OR closing_quantity IS DISTINCT FROM was_closing
UNION SELECT next_count_date FROM touched_span WHERE next_count_date IS NOT NULL;
