-- Pairs whose closed days changed under the forecast that stands. Rows of the open day, the usual ones, mark nothing.
INSERT INTO forecast_dirty (store_id, item_id, run_seq)
SELECT DISTINCT t.store_id, t.item_id, (SELECT run_seq FROM apply_context)
FROM touched_day t
WHERE (SELECT forecast_date FROM dataset) IS NOT NULL
  AND t.business_date < (SELECT max(last_event_time)::date FROM store_clock)
ORDER BY 1, 2
ON CONFLICT (store_id, item_id) DO UPDATE SET run_seq = excluded.run_seq;
-- Other rules, other demand: all of it is made again.
UPDATE dataset SET forecast_date = NULL WHERE (SELECT rebuild FROM apply_context) AND forecast_date IS NOT NULL;
