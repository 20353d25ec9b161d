COPY (
SELECT h.store_id, h.business_date, h.hour, h.units_sold, h.transactions, c.run_id, c.as_of_utc
FROM store_hour h CROSS JOIN publish_context c
WHERE h.business_date >= current_setting('publish.daily_from')::date
  AND h.business_date <= current_setting('publish.as_of_date')::date
ORDER BY h.store_id, h.business_date, h.hour
) TO STDOUT (FORMAT csv, HEADER)
