-- As pair_days.sql, of the pairs in forecast_dirty alone.
COPY (
SELECT d.store_id, d.item_id, d.business_date - DATE '1970-01-01',
       d.units_sold - CASE WHEN d.store_id = (SELECT online_store_id FROM dataset) THEN d.units_bopis ELSE 0 END
         - (SELECT coalesce(sum(c.quantity), 0) FROM cancelled_sale c
            WHERE c.store_id = d.store_id AND c.item_id = d.item_id AND c.sale_time::date = d.business_date),
       d.closing_quantity
FROM forecast_dirty f
JOIN store_item_day d USING (store_id, item_id)
WHERE d.business_date >= current_setting('forecast.from')::date
  AND d.business_date < current_setting('forecast.until')::date
ORDER BY d.store_id, d.item_id, d.business_date
) TO STDOUT
