-- One row a batch: what it held and how long after being sent it was in PostgreSQL and in MongoDB.
COPY (
SELECT b.batch_id, r.run_id AS batch_run_id, b.rows,
       to_char(b.mean_sent_at, 'YYYY-MM-DD HH24:MI:SS') AS mean_sent_time_utc,
       to_char(b.finished_at, 'YYYY-MM-DD HH24:MI:SS') AS finished_time_utc,
       round(extract(epoch FROM b.finished_at - b.mean_sent_at)::numeric, 3) AS latency_seconds,
       round(b.kafka_wait_ms::numeric, 1) AS kafka_wait_ms, round(b.parse_ms::numeric, 1) AS parse_ms,
       round(b.postgres_ms::numeric, 1) AS postgres_ms, round(b.mongodb_ms::numeric, 1) AS mongodb_ms,
       c.run_id, c.as_of_utc
FROM (SELECT * FROM batch_metric ORDER BY batch_id DESC LIMIT 10000) b
JOIN run r USING (run_seq) CROSS JOIN publish_context c
ORDER BY b.batch_id
) TO STDOUT (FORMAT csv, HEADER)
