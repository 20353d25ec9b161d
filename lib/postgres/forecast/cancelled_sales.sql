-- Sales that were undone: in the running order of a pair's sales and restocks of one size, each that stands just before
-- a restock and at most 3 days earlier. $1 ≤ time of the restock < $2; with $3 only of pairs in forecast_dirty. Of the
-- two halves of `event` one is never looked at. Restocks are few: only sales of a size that was restocked are sorted.
INSERT INTO cancelled_sale
WITH event AS NOT MATERIALIZED (
  SELECT e.* FROM inventory_event e
  WHERE NOT $3::boolean AND e.date_time >= $1::timestamp - interval '3 days' AND e.date_time < $2::timestamp
  UNION ALL
  SELECT e.* FROM forecast_dirty f JOIN inventory_event e USING (store_id, item_id)
  WHERE $3::boolean AND e.date_time >= $1::timestamp - interval '3 days' AND e.date_time < $2::timestamp
), restocked AS MATERIALIZED (
  SELECT e.store_id, e.item_id, e.date_time, e.event_id, e.quantity
  FROM event e JOIN change_type t USING (change_type_id) WHERE t.role = 'restock' AND e.quantity > 0
), alike AS (
  SELECT * FROM restocked
  UNION ALL
  SELECT e.store_id, e.item_id, e.date_time, e.event_id, e.quantity
  FROM event e JOIN change_type t USING (change_type_id)
  WHERE t.role = 'sale' AND e.quantity < 0
    -- IS TRUE: looked up in a hash whatever the planner believes of tables that were filled just now; as a join it may
    -- choose to walk all restocks for each sale.
    AND ((e.store_id, e.item_id, -e.quantity) IN (SELECT store_id, item_id, quantity FROM restocked)) IS TRUE
)
SELECT store_id, item_id, sale_time, sale_event_id, date_time, event_id, quantity
FROM (
  SELECT e.store_id, e.item_id, e.date_time, e.event_id, e.quantity,
         lag(e.date_time) OVER size AS sale_time, lag(e.event_id) OVER size AS sale_event_id,
         lag(e.quantity) OVER size AS sale_quantity
  FROM alike e
  WINDOW size AS (PARTITION BY e.store_id, e.item_id, abs(e.quantity)
                  ORDER BY e.date_time, CASE WHEN e.quantity > 0 THEN 1 ELSE 2 END, e.event_id)
) line
WHERE quantity > 0 AND sale_quantity < 0 AND date_time >= $1::timestamp AND date_time - sale_time <= interval '3 days'
ON CONFLICT DO NOTHING
