COPY (
SELECT p.store_id, csv_text(s.name, c.escape) AS store_name, p.item_id, csv_text(i.name, c.escape) AS item_name,
       csv_text(nullif(i.supplier_id, ''), c.escape) AS supplier_id, p.snapshot_quantity, p.snapshot_time,
       p.final_quantity - p.snapshot_quantity AS change_quantity, p.final_quantity, p.delta_quantity,
       p.last_event_time, p.last_sale_time, i.safety_stock_quantity,
       CASE WHEN p.final_quantity IS NULL THEN 'unknown' WHEN p.final_quantity < 0 THEN 'negative'
            WHEN p.final_quantity = 0 THEN 'out'
            WHEN p.final_quantity <= coalesce(i.safety_stock_quantity, 0) THEN 'low' ELSE 'ok' END AS stock_status,
       l.low_stock_rank, c.run_id, c.as_of_utc
FROM store_item p
CROSS JOIN publish_context c
LEFT JOIN store s USING (store_id)
LEFT JOIN item i USING (item_id)
LEFT JOIN low_stock l USING (store_id, item_id)
ORDER BY p.store_id, p.item_id
) TO STDOUT (FORMAT csv, HEADER)
