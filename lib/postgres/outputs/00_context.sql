-- One row that every output reads: which run, the data's clock, the windows. $1 run_id, $2 COMBINED_DAYS,
-- $3 DAILY_DAYS, $4 TIMEZONE, $5 escape formulas, $6 SILENT_DAYS. Windows of 0 days hold everything.
INSERT INTO publish_context
SELECT $1, to_char(utc.newest, 'YYYY-MM-DD HH24:MI:SS'), clock.as_of::date,
       date_trunc('month', clock.as_of)::date,
       (date_trunc('month', clock.as_of) + interval '1 month')::date,
       CASE WHEN $2::int = 0 THEN date_trunc('month', clock.first_event)::date
            ELSE least(clock.as_of::date - ($2::int - 1), date_trunc('month', clock.as_of)::date) END,
       CASE WHEN $3::int = 0 THEN clock.first_event::date ELSE clock.as_of::date - ($3::int - 1) END,
       clock.first_event::date, $4, $5::boolean, $6::int
FROM (SELECT max(last_event_time) AS as_of, min(first_event_time) AS first_event FROM store_clock) clock,
     (SELECT max(local_to_utc(k.last_event_time, coalesce(s.timezone, $4))) AS newest
      FROM store_clock k LEFT JOIN store s USING (store_id)) utc;
