COPY (
SELECT csv_text(r.file, c.escape) AS file, r.line, r.column_name AS column, csv_text(r.value, c.escape) AS value,
       csv_text(r.reason, c.escape) AS reason, regexp_replace(csv_text(r.raw, c.escape), '[\r\n]+', ' ', 'g') AS raw,
       c.run_id, c.as_of_utc
FROM (SELECT * FROM rejected_row WHERE applied ORDER BY rejected_id DESC LIMIT 10000) r CROSS JOIN publish_context c
ORDER BY r.file COLLATE "C", r.line, r.rejected_id
) TO STDOUT (FORMAT csv, HEADER)
