-- What the ledger says of the state that is seen: the run that published last, whether another counted rows since, and
-- whether anything is under way. Other tables under the same names (a replay swapped the schema, a rebuild emptied them)
-- are told by what they are stored as.
SELECT p.run_id AS published_run_id, p.published_at, p.published_ago, p.handed_over, a.run_id AS counted_run_id,
       coalesce(a.run_seq > p.run_seq OR (a.run_seq = p.run_seq AND a.applied_at > p.published_at), p.run_seq IS NULL) AS ahead,
       coalesce((SELECT run_seq = p.run_seq AND finished_at IS NOT NULL FROM run ORDER BY run_seq DESC LIMIT 1), false) AS settled,
       TABLES_AS AS tables_as
FROM (SELECT 1) one
LEFT JOIN (
  SELECT r.run_seq, r.run_id, s.finished_at AS published_at,
         extract(epoch FROM clock_timestamp() - s.finished_at)::float8 * 1000 AS published_ago, s.detail->'handed_over' AS handed_over
  FROM run_step s JOIN run r USING (run_seq)
  WHERE s.step = 'publish' AND s.finished_at IS NOT NULL AND s.error IS NULL
  ORDER BY r.run_seq DESC LIMIT 1
) p ON true
LEFT JOIN (
  SELECT run_seq, run_id, applied_at FROM run WHERE applied_at IS NOT NULL ORDER BY run_seq DESC LIMIT 1
) a ON true
