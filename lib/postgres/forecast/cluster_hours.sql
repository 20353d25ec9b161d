-- Demand of each item over all stores by hour, $1 ≤ time < $2; as in cluster_days.sql. Sales and bopis lines alone.
WITH line AS (
  SELECT e.item_id, extract(hour FROM e.date_time)::int AS hour, -e.quantity AS units
  FROM inventory_event e JOIN change_type t USING (change_type_id) CROSS JOIN dataset s
  WHERE e.date_time >= $1::date AND e.date_time < $2::date
    AND (t.role = 'sale' OR t.role = 'bopis' AND e.store_id <> s.online_store_id)
  UNION ALL
  SELECT item_id, extract(hour FROM sale_time)::int, -quantity
  FROM cancelled_sale WHERE sale_time >= $1::date AND sale_time < $2::date
), item_hour AS (
  SELECT item_id, hour, sum(units)::float8 AS units FROM line GROUP BY 1, 2 HAVING sum(units) > 0
)
SELECT item_id, array_agg(hour ORDER BY hour) AS hours, array_agg(units ORDER BY hour) AS units
FROM item_hour GROUP BY item_id ORDER BY item_id
