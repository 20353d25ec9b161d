COPY (
SELECT item_id, csv_text(i.name, c.escape) AS item_name, csv_text(nullif(i.supplier_id, ''), c.escape) AS supplier_id,
       i.safety_stock_quantity, c.run_id, c.as_of_utc
FROM item i FULL JOIN item_trend t USING (item_id) CROSS JOIN publish_context c
ORDER BY item_id
) TO STDOUT (FORMAT csv, HEADER)
