-- Sales per store and hour: units add up; a receipt's id counts once an hour however many runs bring its lines.
WITH fresh_sale AS MATERIALIZED (
  SELECT store_id, business_date, extract(hour FROM date_time)::smallint AS hour, trans_id,
         sum(units_sold) AS units_sold
  FROM fresh WHERE units_sold IS NOT NULL
  GROUP BY 1, 2, 3, 4
), new_transaction AS (
  INSERT INTO store_hour_transaction (store_id, business_date, hour, trans_id)
  SELECT store_id, business_date, hour, trans_id FROM fresh_sale ORDER BY 1, 2, 3, 4
  ON CONFLICT DO NOTHING
  RETURNING store_id, business_date, hour
), counted AS (
  SELECT store_id, business_date, hour, count(*) AS transactions FROM new_transaction GROUP BY 1, 2, 3
), sold AS (
  SELECT store_id, business_date, hour, sum(units_sold) AS units_sold FROM fresh_sale GROUP BY 1, 2, 3
)
INSERT INTO store_hour AS h (store_id, business_date, hour, units_sold, transactions)
SELECT s.store_id, s.business_date, s.hour, s.units_sold, coalesce(c.transactions, 0)
FROM sold s LEFT JOIN counted c USING (store_id, business_date, hour)
ORDER BY 1, 2, 3
ON CONFLICT (store_id, business_date, hour) DO UPDATE SET
  units_sold = h.units_sold + excluded.units_sold, transactions = h.transactions + excluded.transactions;
