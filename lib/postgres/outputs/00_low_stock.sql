-- 1 = furthest below its safety stock, among pairs that were counted, and sold within the newest 92 dates.
CREATE TEMP TABLE low_stock ON COMMIT DROP AS
SELECT s.store_id, s.item_id,
       row_number() OVER (ORDER BY s.final_quantity - coalesce(i.safety_stock_quantity, 0), s.store_id, s.item_id)
         AS low_stock_rank
FROM store_item s
CROSS JOIN publish_context c
LEFT JOIN item i USING (item_id)
WHERE s.final_quantity IS NOT NULL AND s.last_sale_time >= c.as_of_date - 91;
ANALYZE low_stock;
