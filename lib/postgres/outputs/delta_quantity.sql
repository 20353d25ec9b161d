COPY (
SELECT s.store_id, s.item_id, s.delta_quantity, c.run_id, c.as_of_utc
FROM store_item s CROSS JOIN publish_context c
WHERE s.delta_quantity IS NOT NULL
ORDER BY s.delta_quantity, s.store_id, s.item_id
) TO STDOUT (FORMAT csv, HEADER)
