-- Staging becomes events; what is known already (any order, any repeat) adds nothing. `fresh` holds what is new, with
-- its meaning. A counter-event without the line that it takes back (its file is gone, its time is read otherwise now)
-- must not count.
INSERT INTO lone_counter
SELECT w.counter_event_id FROM withdrawal w
WHERE NOT EXISTS (SELECT FROM incoming_event o WHERE o.store_id = w.store_id AND o.item_id = w.item_id
                    AND o.date_time = w.date_time AND o.event_id = w.event_id)
  AND NOT EXISTS (SELECT FROM inventory_event e WHERE e.store_id = w.store_id AND e.item_id = w.item_id
                    AND e.date_time = w.date_time AND e.event_id = w.event_id);

-- Few rows: each finds its place in the key by itself, whatever the history holds.
WITH new_event AS (
  INSERT INTO inventory_event
    (store_id, item_id, date_time, event_id, change_type_id, quantity, run_seq, is_count, trans_id, employee_id)
  SELECT s.store_id, s.item_id, s.date_time, s.event_id, s.change_type_id, s.quantity, c.run_seq, s.is_count,
         s.trans_id, s.employee_id
  FROM incoming_event s CROSS JOIN apply_context c
  WHERE NOT (SELECT many FROM apply_context) AND NOT EXISTS (SELECT FROM lone_counter l WHERE l.event_id = s.event_id)
  ORDER BY s.store_id, s.item_id, s.date_time
  ON CONFLICT DO NOTHING
  RETURNING *
)
INSERT INTO fresh
SELECT n.store_id, n.item_id, n.date_time, n.date_time::date, n.event_id, n.change_type_id, n.quantity, n.run_seq,
       n.is_count, m.phase, m.role, m.move_quantity, m.units_sold, n.trans_id, n.employee_id, true
FROM new_event n
CROSS JOIN dataset d
LEFT JOIN change_type t USING (change_type_id)
CROSS JOIN LATERAL event_meaning(n.is_count, n.quantity, n.store_id, t.role, d.online_store_id,
                                 d.online_bopis_moves_stock) m;

-- Many rows: looked for all at once, and then inserted without asking the key again, which takes half the time. Where
-- another process inserted one of them meanwhile the key stops this one, and it begins anew.
INSERT INTO fresh
SELECT DISTINCT ON (s.store_id, s.item_id, s.date_time, s.event_id)
       s.store_id, s.item_id, s.date_time, s.date_time::date, s.event_id, s.change_type_id, s.quantity, c.run_seq,
       s.is_count, m.phase, m.role, m.move_quantity, m.units_sold, s.trans_id, s.employee_id,
       true
FROM incoming_event s
CROSS JOIN apply_context c
CROSS JOIN dataset d
LEFT JOIN change_type t USING (change_type_id)
CROSS JOIN LATERAL event_meaning(s.is_count, s.quantity, s.store_id, t.role, d.online_store_id,
                                 d.online_bopis_moves_stock) m
WHERE (SELECT many FROM apply_context)
  AND NOT EXISTS (SELECT FROM lone_counter l WHERE l.event_id = s.event_id)
  AND NOT EXISTS (SELECT FROM inventory_event e WHERE e.store_id = s.store_id AND e.item_id = s.item_id
                    AND e.date_time = s.date_time AND e.event_id = s.event_id)
ORDER BY s.store_id, s.item_id, s.date_time, s.event_id;

INSERT INTO inventory_event
  (store_id, item_id, date_time, event_id, change_type_id, quantity, run_seq, is_count, trans_id, employee_id)
SELECT f.store_id, f.item_id, f.date_time, f.event_id, f.change_type_id, f.quantity, f.run_seq, f.is_count, f.trans_id,
       f.employee_id
FROM fresh f WHERE (SELECT many FROM apply_context);

INSERT INTO applied_count SELECT count(*) FROM fresh;

INSERT INTO fresh
SELECT e.store_id, e.item_id, e.date_time, e.date_time::date, e.event_id, e.change_type_id, e.quantity, e.run_seq,
       e.is_count, e.phase, e.role, e.move_quantity, e.units_sold, e.trans_id, e.employee_id, false
FROM classified_event e
WHERE (SELECT rebuild FROM apply_context)
  AND NOT EXISTS (SELECT FROM fresh f WHERE f.store_id = e.store_id AND f.item_id = e.item_id
                    AND f.date_time = e.date_time AND f.event_id = e.event_id);

SELECT analyse_large('fresh');
