-- Staging becomes events; what is known already (any order, any repeat) adds nothing. `fresh` holds what was new.
-- After a change of the rules (rebuild) `fresh` is everything, and all derived figures are made again from it.
CREATE TEMP TABLE fresh (
  store_id bigint, item_id bigint, date_time timestamp(0), event_id uuid, change_type_id bigint,
  quantity bigint, run_seq integer, is_count boolean, trans_id text
) ON COMMIT DROP;

WITH inserted AS (
  INSERT INTO inventory_event AS e
    (store_id, item_id, date_time, event_id, change_type_id, quantity, run_seq, is_count, trans_id, employee_id)
  SELECT s.store_id, s.item_id, s.date_time, s.event_id, s.change_type_id, s.quantity, c.run_seq, s.is_count,
         s.trans_id, s.employee_id
  FROM staging_event s JOIN apply_context c ON c.reading = s.reading
  ORDER BY s.store_id, s.item_id, s.date_time, s.event_id
  ON CONFLICT DO NOTHING
  RETURNING e.store_id, e.item_id, e.date_time, e.event_id, e.change_type_id, e.quantity, e.run_seq, e.is_count,
            e.trans_id
)
INSERT INTO fresh SELECT * FROM inserted;

CREATE TEMP TABLE applied_count ON COMMIT DROP AS
SELECT count(*) AS rows_new, count(DISTINCT (store_id, item_id)) AS pairs_changed FROM fresh;

DELETE FROM fresh WHERE (SELECT rebuild FROM apply_context);
INSERT INTO fresh
SELECT store_id, item_id, date_time, event_id, change_type_id, quantity, run_seq, is_count, trans_id
FROM inventory_event WHERE (SELECT rebuild FROM apply_context);

CREATE TEMP TABLE touched_day ON COMMIT DROP AS
SELECT store_id, item_id, date_time::date AS business_date FROM fresh GROUP BY 1, 2, 3;

ANALYZE fresh;
ANALYZE touched_day;
