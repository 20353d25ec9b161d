-- The windows once more, as settings of the transaction: what stands in a setting the planner sees, and takes a plan for so
-- many rows; what stands in a table it guesses. Before the first event any date will do.
SELECT set_config('publish.actual_from', coalesce(open_month - interval '12 months', '9998-01-01')::date::text, true),
       set_config('publish.open_month', coalesce(open_month, '9998-01-01')::text, true),
       set_config('publish.forecast_month', coalesce(forecast_month, '9998-01-01')::text, true),
       set_config('publish.daily_from', coalesce(daily_from, '9998-01-01')::text, true),
       set_config('publish.as_of_date', coalesce(as_of_date, '9998-01-01')::text, true)
FROM publish_context
