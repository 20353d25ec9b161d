COPY (
SELECT d.store_id, d.item_id, d.business_date, d.units_sold, d.units_bopis, d.units_restocked, d.units_shrink,
       d.closing_quantity, (SELECT run_id FROM publish_context) AS run_id,
       (SELECT as_of_utc FROM publish_context) AS as_of_utc
FROM store_item_day d
WHERE d.business_date >= current_setting('publish.daily_from')::date
  AND d.business_date <= current_setting('publish.as_of_date')::date
ORDER BY d.store_id, d.item_id, d.business_date
) TO STDOUT (FORMAT csv, HEADER)
