COPY (
SELECT day::date AS business_date, extract(year FROM day)::int AS year, extract(quarter FROM day)::int AS quarter,
       extract(month FROM day)::int AS month, to_char(day, 'FMMonth') AS month_name, extract(week FROM day)::int AS iso_week,
       extract(isodow FROM day)::int AS weekday, to_char(day, 'FMDay') AS weekday_name,
       (extract(isodow FROM day) >= 6)::text AS is_weekend, c.run_id, c.as_of_utc
FROM publish_context c,
     generate_series(c.first_date::timestamp, c.forecast_month + interval '1 month' - interval '1 day', '1 day') day
ORDER BY 1
) TO STDOUT (FORMAT csv, HEADER)
