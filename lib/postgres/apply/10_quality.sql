-- What was loaded but looks odd, counted once as its event is (not again when figures are rebuilt).
UPDATE dataset SET times_have_seconds = true
WHERE NOT times_have_seconds AND EXISTS (SELECT FROM fresh WHERE extract(second FROM date_time) <> 0);

-- When figures are rebuilt `fresh` is everything, and the table was emptied.
INSERT INTO change_type_use AS u (change_type_id, event_count)
SELECT change_type_id, count(*) FROM fresh WHERE NOT is_count GROUP BY 1 ORDER BY 1
ON CONFLICT (change_type_id) DO UPDATE SET event_count = u.event_count + excluded.event_count;

WITH news AS NOT MATERIALIZED (
  SELECT * FROM fresh WHERE is_new
), zone AS MATERIALIZED (
  SELECT k.store_id, coalesce(s.timezone, (SELECT time_zone FROM apply_context)) AS zone
  FROM store_clock k LEFT JOIN store s USING (store_id)
), zoned AS NOT MATERIALIZED (
  SELECT n.store_id, n.date_time, z.zone FROM news n JOIN zone z USING (store_id) WHERE z.zone <> 'UTC'
), found AS (
  SELECT 'zero_change' AS rule, 'store ' || store_id AS subject, 'info' AS severity, count(*) AS count,
         'changes of 0 units: loaded, they move nothing' AS detail
  FROM news WHERE NOT is_count AND quantity = 0 GROUP BY store_id
  UNION ALL
  SELECT 'unusual_sign', 'store ' || store_id || ', ' || role, 'info', count(*),
         'a sale, bopis or shrink above 0, or a restock below 0: counted with its sign (a positive sale is a return)'
  FROM news WHERE ((role IN ('sale', 'bopis', 'shrink') AND quantity > 0) OR (role = 'restock' AND quantity < 0))
    AND NOT EXISTS (SELECT FROM withdrawal w WHERE w.counter_event_id = news.event_id)
  GROUP BY store_id, role
  UNION ALL
  SELECT 'local_time_in_gap', 'store ' || store_id || ', ' || zone, 'warning', count(*),
         'local times that the time zone skips: read with the offset before the gap'
  FROM zoned WHERE (date_time AT TIME ZONE zone) AT TIME ZONE zone <> date_time GROUP BY store_id, zone
  UNION ALL
  SELECT 'local_time_twice', 'store ' || store_id || ', ' || zone, 'info', count(*),
         'local times that happen twice when clocks go back: read as the first'
  FROM zoned WHERE local_to_utc(date_time, zone) <> (date_time AT TIME ZONE zone) AT TIME ZONE 'UTC'
  GROUP BY store_id, zone
  UNION ALL
  SELECT 'counts_disagree', 'store ' || n.store_id, 'warning', count(*),
         'counts of one item at one time that differ: the larger stands'
  FROM news n CROSS JOIN LATERAL (
    -- OFFSET 0: each looks into the key, so that what is stored is never read as a whole.
    SELECT FROM stocktake o WHERE o.store_id = n.store_id AND o.item_id = n.item_id AND o.date_time = n.date_time
      AND o.counted_quantity <> n.quantity OFFSET 0) o
  WHERE n.is_count GROUP BY n.store_id
  UNION ALL
  SELECT 'other_seconds', 'store ' || n.store_id, 'warning', count(*),
         'changes that another line repeats within the same minute, with other seconds: both count; one line exported twice?'
  FROM news n CROSS JOIN LATERAL (
    SELECT FROM inventory_event o WHERE o.store_id = n.store_id AND o.item_id = n.item_id
      AND o.date_time >= date_trunc('minute', n.date_time)
      AND o.date_time < date_trunc('minute', n.date_time) + interval '1 minute'
      AND o.date_time <> n.date_time AND o.trans_id = n.trans_id AND o.change_type_id = n.change_type_id
      AND o.quantity = n.quantity OFFSET 0) o
  WHERE NOT n.is_count AND (SELECT times_have_seconds FROM dataset) GROUP BY n.store_id
)
INSERT INTO quality_finding AS q (rule, subject, severity, count, detail, run_seq)
SELECT rule, subject, severity, count, detail, (SELECT run_seq FROM apply_context) FROM found ORDER BY 1, 2
ON CONFLICT (rule, subject) DO UPDATE SET
  count = q.count + excluded.count, detail = excluded.detail, run_seq = excluded.run_seq;
