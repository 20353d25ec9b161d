-- Rejects and file watermarks stop being provisional in the transaction that makes the last of their rows count.
UPDATE rejected_row r SET applied = true FROM apply_context c
WHERE c.complete AND r.run_seq = c.run_seq AND NOT r.applied;

INSERT INTO source_file AS f
SELECT p.* FROM source_file_provisional p JOIN apply_context c USING (run_seq)
WHERE c.complete
ORDER BY p.name
ON CONFLICT (name) DO UPDATE SET
  kind = excluded.kind, inode = excluded.inode, size_bytes = excluded.size_bytes, modified_ms = excluded.modified_ms,
  reading = excluded.reading, applied_to = excluded.applied_to, applied_lines = excluded.applied_lines,
  valid_rows = excluded.valid_rows,
  open_line_at = excluded.open_line_at, head_hash = excluded.head_hash, tail_hash = excluded.tail_hash,
  whole_hash = excluded.whole_hash, whole_to = excluded.whole_to, checked_on = excluded.checked_on,
  run_seq = excluded.run_seq;
DELETE FROM source_file_provisional p USING apply_context c WHERE c.complete AND p.run_seq = c.run_seq;
