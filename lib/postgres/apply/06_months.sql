-- Monthly sales of the touched months per pair, and by what they changed per store and per item.
CREATE TEMP TABLE month_change ON COMMIT DROP AS
SELECT n.*, coalesce(m.units_sold, 0) AS was_sold, coalesce(m.units_bopis, 0) AS was_bopis,
       coalesce(m.sale_lines, 0) AS was_sale_lines, coalesce(m.bopis_lines, 0) AS was_bopis_lines
FROM (
  SELECT t.store_id, t.item_id, t.month, sum(d.units_sold) AS units_sold, sum(d.units_bopis) AS units_bopis,
         sum(d.sale_lines) AS sale_lines, sum(d.bopis_lines) AS bopis_lines
  FROM (SELECT DISTINCT store_id, item_id, date_trunc('month', business_date)::date AS month FROM touched_day) t
  JOIN store_item_day d ON d.store_id = t.store_id AND d.item_id = t.item_id
   AND date_trunc('month', d.business_date)::date = t.month
   AND d.business_date >= t.month AND d.business_date < t.month + interval '1 month'
  GROUP BY t.store_id, t.item_id, t.month
) n
LEFT JOIN store_item_month m USING (store_id, item_id, month);

INSERT INTO store_item_month AS m (store_id, item_id, month, units_sold, units_bopis, sale_lines, bopis_lines)
SELECT store_id, item_id, month, units_sold, units_bopis, sale_lines, bopis_lines FROM month_change ORDER BY 1, 2, 3
ON CONFLICT (store_id, item_id, month) DO UPDATE SET
  units_sold = excluded.units_sold, units_bopis = excluded.units_bopis, sale_lines = excluded.sale_lines,
  bopis_lines = excluded.bopis_lines;

INSERT INTO store_month AS m (store_id, month, units_sold, units_bopis, sale_lines, bopis_lines)
SELECT store_id, month, sum(units_sold - was_sold), sum(units_bopis - was_bopis), sum(sale_lines - was_sale_lines),
       sum(bopis_lines - was_bopis_lines)
FROM month_change GROUP BY 1, 2 ORDER BY 1, 2
ON CONFLICT (store_id, month) DO UPDATE SET
  units_sold = m.units_sold + excluded.units_sold, units_bopis = m.units_bopis + excluded.units_bopis,
  sale_lines = m.sale_lines + excluded.sale_lines, bopis_lines = m.bopis_lines + excluded.bopis_lines;

INSERT INTO item_month AS m (item_id, month, units_sold, sale_lines)
SELECT c.item_id, c.month,
       sum(c.units_sold - c.was_sold - CASE WHEN c.store_id = d.online_store_id THEN c.units_bopis - c.was_bopis ELSE 0 END),
       sum(c.sale_lines - c.was_sale_lines
           - CASE WHEN c.store_id = d.online_store_id THEN c.bopis_lines - c.was_bopis_lines ELSE 0 END)
FROM month_change c CROSS JOIN dataset d GROUP BY 1, 2 ORDER BY 1, 2
ON CONFLICT (item_id, month) DO UPDATE SET
  units_sold = m.units_sold + excluded.units_sold, sale_lines = m.sale_lines + excluded.sale_lines;

-- A trend is made again where a closed month of it changed, or where the first day of its store moved.
CREATE TEMP TABLE closed_change ON COMMIT DROP AS
SELECT DISTINCT store_id, item_id FROM month_change
WHERE month < (SELECT date_trunc('month', max(last_event_time)) FROM store_clock);

UPDATE store_item s SET linear_month = NULL FROM closed_change c
WHERE s.store_id = c.store_id AND s.item_id = c.item_id AND s.linear_month IS NOT NULL;

UPDATE store_item s SET linear_month = NULL
FROM (SELECT store_id, min(date_time) AS first_fresh FROM fresh GROUP BY store_id) f
JOIN store_clock k ON k.store_id = f.store_id AND k.first_event_time = f.first_fresh
WHERE s.store_id = f.store_id AND s.linear_month IS NOT NULL;

INSERT INTO item_trend AS t (item_id) SELECT DISTINCT item_id FROM month_change ORDER BY 1 ON CONFLICT DO NOTHING;
UPDATE item_trend t SET linear_month = NULL
WHERE t.linear_month IS NOT NULL
  AND (t.item_id IN (SELECT item_id FROM closed_change)
       OR (SELECT min(date_time) FROM fresh) <= (SELECT min(first_event_time) FROM store_clock));
