-- Demand of each store on the closed days with a sale, $1 ≤ date < $2: without cancelled sales and the online store's
-- bopis, as in pair_days.sql.
SELECT h.store_id, array_agg(h.business_date - DATE '1970-01-01' ORDER BY h.business_date) AS days,
       array_agg((h.units - coalesce(c.units, 0) - coalesce(o.units, 0))::float8 ORDER BY h.business_date) AS units
FROM (
  SELECT store_id, business_date, sum(units_sold) AS units FROM store_hour
  WHERE business_date >= $1::date AND business_date < $2::date GROUP BY 1, 2
) h
LEFT JOIN (
  SELECT store_id, sale_time::date AS business_date, sum(quantity) AS units FROM cancelled_sale GROUP BY 1, 2
) c USING (store_id, business_date)
LEFT JOIN (
  SELECT store_id, business_date, sum(units_bopis) AS units FROM store_item_day
  WHERE store_id = (SELECT online_store_id FROM dataset) AND business_date >= $1::date AND business_date < $2::date
  GROUP BY 1, 2
) o USING (store_id, business_date)
GROUP BY h.store_id
ORDER BY h.store_id
