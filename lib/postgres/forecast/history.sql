-- Notes what is forecast for next month, over what was said of it before; the last word before the month begins stands.
-- $1: the open day that the forecast was made for. Thirteen months are kept.
WITH noted AS (
  INSERT INTO forecast_history AS h (level, store_id, item_id, month, made_for, units, lower, upper)
  SELECT level, store_id, item_id, (date_trunc('month', $1::date) + interval '1 month')::date, $1::date,
         next_units, next_lower, next_upper
  FROM forecast_sum WHERE next_units IS NOT NULL
  ON CONFLICT (level, store_id, item_id, month) DO UPDATE SET
    made_for = excluded.made_for, units = excluded.units, lower = excluded.lower, upper = excluded.upper
  WHERE h.made_for <= excluded.made_for
)
DELETE FROM forecast_history WHERE month < date_trunc('month', $1::date) - interval '12 months'
