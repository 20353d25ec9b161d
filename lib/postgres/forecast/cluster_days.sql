-- Demand of each item over all stores by weekday and month, $1 ≤ date < $2, of items with demand from $3 on. Cancelled
-- sales and the online store's bopis are no demand; a day that returns outweigh counts as none.
WITH moved AS (
  SELECT d.item_id, d.business_date,
         sum(d.units_sold - CASE WHEN d.store_id = s.online_store_id THEN d.units_bopis ELSE 0 END) AS units
  FROM store_item_day d CROSS JOIN dataset s
  WHERE d.business_date >= $1::date AND d.business_date < $2::date
  GROUP BY 1, 2
), cancelled AS (
  SELECT item_id, sale_time::date AS business_date, sum(quantity) AS units
  FROM cancelled_sale WHERE sale_time >= $1::date AND sale_time < $2::date GROUP BY 1, 2
), demand AS (
  SELECT m.item_id, m.business_date, (m.units - coalesce(c.units, 0))::float8 AS units,
         extract(isodow FROM m.business_date) AS weekday, extract(month FROM m.business_date) AS month
  FROM moved m LEFT JOIN cancelled c USING (item_id, business_date)
  WHERE m.units - coalesce(c.units, 0) > 0
), item_demand AS (
  SELECT item_id, count(*)::int AS demand_days, sum(units) AS units, sum(units * units) AS sum_of_squares,
         ARRAY[sum(units) FILTER (WHERE weekday = 1), sum(units) FILTER (WHERE weekday = 2),
               sum(units) FILTER (WHERE weekday = 3), sum(units) FILTER (WHERE weekday = 4),
               sum(units) FILTER (WHERE weekday = 5), sum(units) FILTER (WHERE weekday = 6),
               sum(units) FILTER (WHERE weekday = 7)] AS weekdays,
         ARRAY[sum(units) FILTER (WHERE month = 1), sum(units) FILTER (WHERE month = 2),
               sum(units) FILTER (WHERE month = 3), sum(units) FILTER (WHERE month = 4),
               sum(units) FILTER (WHERE month = 5), sum(units) FILTER (WHERE month = 6),
               sum(units) FILTER (WHERE month = 7), sum(units) FILTER (WHERE month = 8),
               sum(units) FILTER (WHERE month = 9), sum(units) FILTER (WHERE month = 10),
               sum(units) FILTER (WHERE month = 11), sum(units) FILTER (WHERE month = 12)] AS months
  FROM demand GROUP BY item_id HAVING max(business_date) >= $3::date
)
SELECT d.item_id, $2::date - greatest(f.first_date, $1::date) AS days, d.demand_days, d.units, d.sum_of_squares,
       d.weekdays, d.months
FROM item_demand d
JOIN (SELECT item_id, min(first_sale_time)::date AS first_date FROM store_item GROUP BY item_id) f USING (item_id)
ORDER BY d.item_id
