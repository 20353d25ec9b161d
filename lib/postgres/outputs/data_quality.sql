-- What was found while reading and applying, and what the present state shows. The story of the runs, not data.
COPY (
WITH found AS (
  SELECT rule, severity, subject, count, detail FROM quality_finding
  UNION ALL
  SELECT 'withdrawn', 'info', file, count(*), 'lines taken back by counter-events: ' || string_agg(line::text, ' ' ORDER BY line)
  FROM withdrawal WHERE run_seq IS NOT NULL GROUP BY file
  UNION ALL
  SELECT 'withdrawal_waits', 'warning', file, count(*),
         'lines to take back that are not counted (any more): lines ' || string_agg(line::text, ' ' ORDER BY line)
  FROM withdrawal WHERE run_seq IS NULL GROUP BY file
  UNION ALL
  SELECT 'unknown_item', 'warning', 'item ' || s.item_id, sum(s.event_count)::bigint,
         'no item file names it: its events count, its name is empty'
  FROM store_item s LEFT JOIN item i USING (item_id) WHERE i.item_id IS NULL GROUP BY s.item_id
  UNION ALL
  SELECT 'unknown_store', 'warning', 'store ' || p.store_id, sum(p.event_count)::bigint,
         'no store file names it: its events count, its name is empty'
  FROM store_item p LEFT JOIN store s USING (store_id) WHERE s.store_id IS NULL GROUP BY p.store_id
  UNION ALL
  SELECT 'unknown_change_type', 'warning', 'change type ' || u.change_type_id, u.event_count,
         'no change type file names it: it moves stock and is no sale'
  FROM change_type_use u LEFT JOIN change_type t USING (change_type_id) WHERE t.change_type_id IS NULL
  UNION ALL
  SELECT 'silent_store', 'warning', 'store ' || k.store_id, c.as_of_date - k.last_event_time::date,
         'days without any event before ' || c.as_of_date || ' (SILENT_DAYS ' || c.silent_days || ')'
  FROM store_clock k CROSS JOIN publish_context c
  WHERE c.as_of_date - k.last_event_time::date >= c.silent_days
  UNION ALL
  SELECT 'cancelled_sale', 'info', 'all', count(*), sum(quantity) || ' units sold and put back within 3 days: no demand to plan on'
  FROM cancelled_sale HAVING count(*) > 0
  UNION ALL
  (SELECT 'cancelled_sale', 'info', 'store ' || store_id || ' item ' || item_id, 1,
          'sold ' || sale_time || ', ' || quantity || ' units, restocked ' || restock_time
   FROM cancelled_sale ORDER BY quantity DESC, sale_time, restock_event_id LIMIT 20)
  UNION ALL
  SELECT 'forecast_skill', 'info', 'level ' || level, n,
         'forecasts of a next month that were no better than the same as last month (skill ' || skill_last_month ||
         '): plan with care'
  FROM forecast_accuracy
  WHERE model = 'planning' AND target = 'next_month' AND class = 'all' AND month IS NULL AND skill_last_month <= 0
)
SELECT rule, severity, csv_text(subject, c.escape) AS subject, count, csv_text(detail, c.escape) AS detail, c.run_id,
       c.as_of_utc
FROM found CROSS JOIN publish_context c
ORDER BY rule COLLATE "C", subject COLLATE "C", count, detail COLLATE "C"
) TO STDOUT (FORMAT csv, HEADER)
