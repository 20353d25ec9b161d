-- What the outputs of one publication share; gone with its transaction.
CREATE TEMP TABLE publish_context (
  run_id text, as_of_utc text, as_of_date date, open_month date, forecast_month date, combined_from date,
  daily_from date, first_date date, time_zone text, escape boolean, silent_days integer
) ON COMMIT DROP;
