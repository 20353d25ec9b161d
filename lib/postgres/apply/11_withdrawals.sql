-- Counter-events that this run brought: from now on their lines are taken back.
UPDATE withdrawal w SET run_seq = c.run_seq
FROM fresh f CROSS JOIN apply_context c
WHERE w.run_seq IS NULL AND f.event_id = w.counter_event_id;
