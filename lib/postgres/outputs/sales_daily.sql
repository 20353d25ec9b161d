COPY (
SELECT d.store_id, d.item_id, d.business_date, d.units_sold, d.units_bopis, d.units_restocked, d.units_shrink,
       d.closing_quantity, (SELECT run_id FROM publish_context) AS run_id,
       (SELECT as_of_utc FROM publish_context) AS as_of_utc
FROM store_item_day d
WHERE d.business_date >= (SELECT daily_from FROM publish_context)
  AND d.business_date <= (SELECT as_of_date FROM publish_context)
ORDER BY d.store_id, d.item_id, d.business_date
) TO STDOUT (FORMAT csv, HEADER)
