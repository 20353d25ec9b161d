COPY (
SELECT t.store_id, t.item_id, t.date_time, t.counted_quantity, t.book_quantity,
       t.counted_quantity - t.book_quantity AS variance, c.run_id, c.as_of_utc
FROM stocktake t CROSS JOIN publish_context c
WHERE t.date_time >= current_setting('publish.daily_from')::date
  AND t.date_time < current_setting('publish.as_of_date')::date + 1
ORDER BY t.store_id, t.item_id, t.date_time, t.counted_quantity, t.event_id
) TO STDOUT (FORMAT csv, HEADER)
