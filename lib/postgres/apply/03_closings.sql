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

CREATE TEMP TABLE changed_date (business_date date PRIMARY KEY) ON COMMIT DROP;

WITH walked AS (
  SELECT f.*, s.opening
  FROM day_figure f JOIN touched_span s USING (store_id, item_id)
  UNION ALL
  SELECT d.store_id, d.item_id, d.business_date, d.units_sold, d.units_bopis, d.units_restocked, d.units_shrink,
         d.sale_lines, d.bopis_lines, d.delta_quantity, d.move_quantity, d.counted_closing, s.opening
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
), upserted AS (
  INSERT INTO store_item_day AS s
    (store_id, item_id, business_date, units_sold, units_bopis, units_restocked, units_shrink, sale_lines,
     bopis_lines, delta_quantity, move_quantity, counted_closing, closing_quantity)
  SELECT store_id, item_id, business_date, units_sold, units_bopis, units_restocked, units_shrink, sale_lines,
         bopis_lines, delta_quantity, move_quantity, counted_closing,
         coalesce(base[2], opening) + moved
  FROM based
  ORDER BY store_id, item_id, business_date
  ON CONFLICT (store_id, item_id, business_date) DO UPDATE SET
    units_sold = excluded.units_sold, units_bopis = excluded.units_bopis,
    units_restocked = excluded.units_restocked, units_shrink = excluded.units_shrink,
    sale_lines = excluded.sale_lines, bopis_lines = excluded.bopis_lines, delta_quantity = excluded.delta_quantity,
    move_quantity = excluded.move_quantity, counted_closing = excluded.counted_closing,
    closing_quantity = excluded.closing_quantity
  WHERE s.closing_quantity IS DISTINCT FROM excluded.closing_quantity
     OR (s.units_sold, s.units_bopis, s.units_restocked, s.units_shrink, s.sale_lines, s.bopis_lines,
         s.delta_quantity, s.move_quantity, s.counted_closing)
        IS DISTINCT FROM
        (excluded.units_sold, excluded.units_bopis, excluded.units_restocked, excluded.units_shrink,
         excluded.sale_lines, excluded.bopis_lines, excluded.delta_quantity, excluded.move_quantity,
         excluded.counted_closing)
  RETURNING business_date
)
INSERT INTO changed_date
SELECT business_date FROM upserted
UNION SELECT business_date FROM touched_day;
