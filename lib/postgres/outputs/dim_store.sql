COPY (
SELECT store_id, csv_text(s.name, c.escape) AS store_name, coalesce(s.timezone, c.time_zone) AS timezone,
       c.run_id, c.as_of_utc
FROM store s FULL JOIN store_clock k USING (store_id) CROSS JOIN publish_context c
ORDER BY store_id
) TO STDOUT (FORMAT csv, HEADER)
