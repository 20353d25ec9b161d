-- Staging becomes events; what is known already (any order, any repeat) adds nothing. `fresh` holds what was new, with
-- its meaning. After a change of the rules (rebuild) `fresh` is everything, and all derived figures follow from it.
CREATE TEMP TABLE fresh (
  store_id bigint, item_id bigint, date_time timestamp(0), business_date date, event_id uuid, quantity bigint,
  run_seq integer, is_count boolean, phase integer, role text, move_quantity bigint, units_sold bigint, trans_id text
) ON COMMIT DROP;

WITH inserted AS (
  INSERT INTO inventory_event AS e
    (store_id, item_id, date_time, event_id, change_type_id, quantity, run_seq, is_count, trans_id, employee_id)
  SELECT s.store_id, s.item_id, s.date_time, s.event_id, s.change_type_id, s.quantity, c.run_seq, s.is_count,
         s.trans_id, s.employee_id
  FROM staging_event s JOIN apply_context c ON c.reading = s.reading
  ORDER BY s.store_id, s.item_id, s.date_time
  ON CONFLICT DO NOTHING
  RETURNING e.store_id, e.item_id, e.date_time, e.event_id, e.change_type_id, e.quantity, e.run_seq, e.is_count,
            e.trans_id
)
INSERT INTO fresh
SELECT e.store_id, e.item_id, e.date_time, e.date_time::date, e.event_id, e.quantity, e.run_seq, e.is_count,
       m.phase, m.role, m.move_quantity, m.units_sold, e.trans_id
FROM inserted e
CROSS JOIN dataset d
LEFT JOIN change_type t USING (change_type_id)
CROSS JOIN LATERAL event_meaning(e.is_count, e.quantity, e.store_id, t.role, d.online_store_id,
                                 d.online_bopis_moves_stock) m;

CREATE TEMP TABLE applied_count ON COMMIT DROP AS SELECT count(*) AS rows_new FROM fresh;

DELETE FROM fresh WHERE (SELECT rebuild FROM apply_context);
INSERT INTO fresh
SELECT store_id, item_id, date_time, date_time::date, event_id, quantity, run_seq, is_count, phase, role,
       move_quantity, units_sold, trans_id
FROM classified_event WHERE (SELECT rebuild FROM apply_context);

ANALYZE fresh;
