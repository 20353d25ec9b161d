-- From here on rows are shared with writers of other pairs: whoever comes second waits for the first one's COMMIT. So
-- all that belongs to pairs alone stands before, and stores come first of all.
INSERT INTO store_clock AS s (store_id, first_event_time, last_event_time)
SELECT store_id, min(first_event_time), max(last_event_time) FROM touched_day GROUP BY store_id ORDER BY store_id
ON CONFLICT (store_id) DO UPDATE SET
  first_event_time = least(s.first_event_time, excluded.first_event_time),
  last_event_time = greatest(s.last_event_time, excluded.last_event_time),
  trends_due = s.trends_due OR excluded.first_event_time < s.first_event_time;

-- Monthly sales per store and per item.
INSERT INTO store_month AS m (store_id, month, units_sold, units_bopis, sale_lines, bopis_lines)
SELECT store_id, month, sum(units_sold), sum(units_bopis), sum(sale_lines), sum(bopis_lines)
FROM month_change GROUP BY 1, 2 ORDER BY 1, 2
ON CONFLICT (store_id, month) DO UPDATE SET
  units_sold = m.units_sold + excluded.units_sold, units_bopis = m.units_bopis + excluded.units_bopis,
  sale_lines = m.sale_lines + excluded.sale_lines, bopis_lines = m.bopis_lines + excluded.bopis_lines;

-- Over stores the online store's bopis is left out.
INSERT INTO item_month AS m (item_id, month, units_sold, sale_lines)
SELECT c.item_id, c.month,
       sum(c.units_sold - CASE WHEN c.store_id = d.online_store_id THEN c.units_bopis ELSE 0 END),
       sum(c.sale_lines - CASE WHEN c.store_id = d.online_store_id THEN c.bopis_lines ELSE 0 END)
FROM month_change c CROSS JOIN dataset d GROUP BY 1, 2 ORDER BY 2, 1
ON CONFLICT (item_id, month) DO UPDATE SET
  units_sold = m.units_sold + excluded.units_sold, sale_lines = m.sale_lines + excluded.sale_lines;

-- A trend is made again where a closed month of it changed (or where the first day of its store moved, see above).
INSERT INTO closed_change
SELECT DISTINCT store_id, item_id FROM month_change
WHERE month < (SELECT date_trunc('month', max(last_event_time)) FROM store_clock);

UPDATE store_item s SET linear_month = NULL FROM closed_change c
WHERE s.store_id = c.store_id AND s.item_id = c.item_id AND s.linear_month IS NOT NULL;

INSERT INTO item_trend AS t (item_id) SELECT DISTINCT item_id FROM month_change ORDER BY 1 ON CONFLICT DO NOTHING;

-- Locked in key order: items, unlike pairs, are shared by writers of several partitions.
WITH due AS (
  SELECT item_id FROM item_trend t
  WHERE t.linear_month IS NOT NULL
    AND (t.item_id IN (SELECT item_id FROM closed_change)
         OR (SELECT min(first_event_time) FROM touched_day) <= (SELECT min(first_event_time) FROM store_clock))
  ORDER BY item_id FOR UPDATE)
UPDATE item_trend t SET linear_month = NULL FROM due WHERE t.item_id = due.item_id;
