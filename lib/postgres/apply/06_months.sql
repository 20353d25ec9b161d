-- Monthly sales of the touched months per pair, and by what they changed per store and per item.
CREATE TEMP TABLE month_change ON COMMIT DROP AS
SELECT t.store_id, t.item_id, t.month,
       sum(d.units_sold) AS units_sold, sum(d.units_bopis) AS units_bopis,
       coalesce(min(m.units_sold), 0) AS was_sold, coalesce(min(m.units_bopis), 0) AS was_bopis
FROM (SELECT DISTINCT store_id, item_id, date_trunc('month', business_date)::date AS month FROM touched_day) t
JOIN store_item_day d ON d.store_id = t.store_id AND d.item_id = t.item_id
 AND date_trunc('month', d.business_date)::date = t.month
 AND d.business_date >= t.month AND d.business_date < t.month + interval '1 month'
LEFT JOIN store_item_month m ON m.store_id = t.store_id AND m.item_id = t.item_id AND m.month = t.month
GROUP BY t.store_id, t.item_id, t.month;

INSERT INTO store_item_month AS m (store_id, item_id, month, units_sold, units_bopis)
SELECT store_id, item_id, month, units_sold, units_bopis FROM month_change ORDER BY 1, 2, 3
ON CONFLICT (store_id, item_id, month) DO UPDATE SET
  units_sold = excluded.units_sold, units_bopis = excluded.units_bopis
WHERE (m.units_sold, m.units_bopis) IS DISTINCT FROM (excluded.units_sold, excluded.units_bopis);

INSERT INTO store_month AS m (store_id, month, units_sold, units_bopis)
SELECT store_id, month, sum(units_sold - was_sold), sum(units_bopis - was_bopis)
FROM month_change GROUP BY 1, 2 ORDER BY 1, 2
ON CONFLICT (store_id, month) DO UPDATE SET
  units_sold = m.units_sold + excluded.units_sold, units_bopis = m.units_bopis + excluded.units_bopis;

INSERT INTO item_month AS m (item_id, month, units_sold)
SELECT c.item_id, c.month,
       sum(c.units_sold - c.was_sold) - coalesce(sum(c.units_bopis - c.was_bopis) FILTER (WHERE c.store_id = d.online_store_id), 0)
FROM month_change c CROSS JOIN dataset d GROUP BY 1, 2 ORDER BY 1, 2
ON CONFLICT (item_id, month) DO UPDATE SET units_sold = m.units_sold + excluded.units_sold;

-- A trend is made again where a month that it is fitted on, or its first sale, may have moved.
UPDATE store_item s SET linear_month = NULL
FROM (SELECT DISTINCT store_id, item_id FROM month_change
      WHERE month < (SELECT date_trunc('month', max(last_event_time)) FROM store_clock)) c
WHERE s.store_id = c.store_id AND s.item_id = c.item_id AND s.linear_month IS NOT NULL;

-- A store whose first day moved makes all its trends again.
UPDATE store_item s SET linear_month = NULL
FROM (SELECT store_id, min(date_time) AS first_fresh FROM fresh GROUP BY store_id) f
JOIN store_clock k ON k.store_id = f.store_id AND k.first_event_time = f.first_fresh
WHERE s.store_id = f.store_id AND s.linear_month IS NOT NULL;
