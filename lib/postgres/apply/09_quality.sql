-- What was loaded but looks odd, counted once as its event is (not again when figures are rebuilt).
WITH news AS (
  SELECT f.*, t.role, coalesce(s.timezone, c.time_zone) AS zone, c.run_seq AS this_run
  FROM fresh f
  CROSS JOIN apply_context c
  LEFT JOIN change_type t USING (change_type_id)
  LEFT JOIN store s ON s.store_id = f.store_id
  WHERE f.run_seq = c.run_seq
), found AS (
  SELECT 'zero_change' AS rule, 'store ' || store_id AS subject, 'info' AS severity, this_run,
         'changes of 0 units: loaded, they move nothing' AS detail
  FROM news WHERE NOT is_count AND quantity = 0
  UNION ALL
  SELECT 'unusual_sign', 'store ' || store_id || ', ' || role, 'info', this_run,
         'a sale, bopis or shrink above 0, or a restock below 0: counted with its sign (a positive sale is a return)'
  FROM news WHERE (role IN ('sale', 'bopis', 'shrink') AND quantity > 0) OR (role = 'restock' AND quantity < 0)
  UNION ALL
  SELECT 'local_time_in_gap', 'store ' || store_id || ', ' || zone, 'warning', this_run,
         'local times that the time zone skips: read with the offset before the gap'
  FROM news WHERE zone <> 'UTC' AND (date_time AT TIME ZONE zone) AT TIME ZONE zone <> date_time
  UNION ALL
  SELECT 'local_time_twice', 'store ' || store_id || ', ' || zone, 'info', this_run,
         'local times that happen twice when clocks go back: read as the first'
  FROM news WHERE zone <> 'UTC' AND local_to_utc(date_time, zone) <> (date_time AT TIME ZONE zone) AT TIME ZONE 'UTC'
  UNION ALL
  SELECT 'counts_disagree', 'store ' || n.store_id, 'warning', n.this_run,
         'counts of one item at one time that differ: the larger stands'
  FROM news n
  WHERE n.is_count AND EXISTS (
    SELECT FROM inventory_event o WHERE o.store_id = n.store_id AND o.item_id = n.item_id
      AND o.date_time = n.date_time AND o.is_count AND o.quantity <> n.quantity)
)
INSERT INTO quality_finding AS q (rule, subject, severity, count, detail, run_seq)
SELECT rule, subject, severity, count(*), detail, this_run FROM found GROUP BY rule, subject, severity, detail, this_run
ON CONFLICT (rule, subject) DO UPDATE SET
  count = q.count + excluded.count, detail = excluded.detail, run_seq = excluded.run_seq;
