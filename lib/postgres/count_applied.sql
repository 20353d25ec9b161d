-- $1 run_seq, $2 holder, $3 files, $4 files refused, $5 rows read, $6 rows rejected of this round, $7 whether all is in
-- that the producer sent so far: before that neither the rows read nor those known already can be told.
-- Rows that a failed run had sent and whose file is gone by now are read from Kafka alone: they count as read too.
UPDATE run r SET
  rows_new = n.rows_new, rows_duplicate = CASE WHEN $7 THEN d.rows_duplicate ELSE r.rows_duplicate END,
  rows_rejected = n.rows_rejected,
  rows_read = CASE WHEN $7 THEN greatest(n.rows_read, n.rows_new + d.rows_duplicate + n.rows_rejected)
                   ELSE n.rows_read END,
  files = n.files, files_refused = n.files_refused, pairs_changed = n.pairs_changed,
  applied_at = clock_timestamp(), heartbeat_at = clock_timestamp()
FROM (SELECT run_seq, rows_new + (SELECT rows_new FROM applied_count) AS rows_new,
             files + $3::integer AS files, files_refused + $4::integer AS files_refused,
             rows_read + $5::bigint AS rows_read, rows_rejected + $6::bigint AS rows_rejected,
             (SELECT count(*) FROM run_delta WHERE run_seq = $1) AS pairs_changed
      FROM run WHERE run_seq = $1 FOR NO KEY UPDATE) n
CROSS JOIN LATERAL (SELECT greatest(0, n.rows_read - n.rows_rejected - n.rows_new) AS rows_duplicate) d
WHERE r.run_seq = n.run_seq AND r.holder IS NOT DISTINCT FROM $2 AND r.finished_at IS NULL AND NOT r.handed_on
RETURNING r.rows_new, r.rows_duplicate, r.pairs_changed
