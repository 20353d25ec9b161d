-- Pairs whose closed days changed under the forecast that stands. Rows of the open day, the usual ones, mark nothing.
INSERT INTO forecast_dirty
SELECT DISTINCT t.store_id, t.item_id
FROM touched_day t
WHERE t.business_date < (SELECT forecast_date FROM dataset)
ORDER BY 1, 2
ON CONFLICT DO NOTHING;
-- Other rules, other demand: all of it is made again.
UPDATE dataset SET forecast_date = NULL WHERE (SELECT rebuilt FROM apply_context) AND forecast_date IS NOT NULL;
