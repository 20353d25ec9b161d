-- The closed days of each pair in key order: day number, demand, closing stock. Settings of the transaction:
-- forecast.from ≤ date < forecast.until. Cancelled sales and the online store's bopis are no demand.
COPY (
SELECT d.store_id, d.item_id, d.business_date - DATE '1970-01-01',
       d.units_sold - CASE WHEN d.store_id = (SELECT online_store_id FROM dataset) THEN d.units_bopis ELSE 0 END
         - coalesce(c.units, 0),
       d.closing_quantity
FROM store_item_day d
LEFT JOIN (
  SELECT store_id, item_id, sale_time::date AS business_date, sum(quantity) AS units FROM cancelled_sale GROUP BY 1, 2, 3
) c USING (store_id, item_id, business_date)
WHERE d.business_date >= current_setting('forecast.from')::date
  AND d.business_date < current_setting('forecast.until')::date
ORDER BY d.store_id, d.item_id, d.business_date
) TO STDOUT
