-- Staging becomes events; what is known already (any order, any repeat) adds nothing. `fresh` holds what is new, with
-- its meaning. Only one process applies at a time (moveOffsets came first), so what is not found now stays new; the
-- primary key would stop a mistake. After a change of the rules (rebuild) `fresh` is everything.
CREATE TEMP TABLE fresh ON COMMIT DROP AS
SELECT DISTINCT ON (s.store_id, s.item_id, s.date_time, s.event_id)
       s.store_id, s.item_id, s.date_time, s.date_time::date AS business_date, s.event_id, s.change_type_id,
       s.quantity::bigint AS quantity, c.run_seq, s.is_count, m.phase, m.role, m.move_quantity, m.units_sold,
       s.trans_id, s.employee_id
FROM staging_event s
JOIN apply_context c ON c.reading = s.reading
CROSS JOIN dataset d
LEFT JOIN change_type t USING (change_type_id)
CROSS JOIN LATERAL event_meaning(s.is_count, s.quantity, s.store_id, t.role, d.online_store_id,
                                 d.online_bopis_moves_stock) m
WHERE NOT EXISTS (SELECT FROM inventory_event e WHERE e.store_id = s.store_id AND e.item_id = s.item_id
                    AND e.date_time = s.date_time AND e.event_id = s.event_id)
ORDER BY s.store_id, s.item_id, s.date_time, s.event_id;

-- A counter-event without the line that it takes back (its file is gone, its time is read otherwise now) must not count.
DELETE FROM fresh f USING withdrawal w
WHERE f.event_id = w.counter_event_id
  AND NOT EXISTS (SELECT FROM fresh o WHERE o.store_id = w.store_id AND o.item_id = w.item_id
                    AND o.date_time = w.date_time AND o.event_id = w.event_id)
  AND NOT EXISTS (SELECT FROM inventory_event e WHERE e.store_id = w.store_id AND e.item_id = w.item_id
                    AND e.date_time = w.date_time AND e.event_id = w.event_id);

INSERT INTO inventory_event
  (store_id, item_id, date_time, event_id, change_type_id, quantity, run_seq, is_count, trans_id, employee_id)
SELECT store_id, item_id, date_time, event_id, change_type_id, quantity, run_seq, is_count, trans_id, employee_id
FROM fresh;

CREATE TEMP TABLE applied_count ON COMMIT DROP AS SELECT count(*) AS rows_new FROM fresh;

DELETE FROM fresh WHERE (SELECT rebuild FROM apply_context);
INSERT INTO fresh
SELECT store_id, item_id, date_time, date_time::date, event_id, change_type_id, quantity, run_seq, is_count, phase,
       role, move_quantity, units_sold, trans_id, employee_id
FROM classified_event WHERE (SELECT rebuild FROM apply_context);

ANALYZE fresh;
