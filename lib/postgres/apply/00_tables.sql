-- What one application works with. The rows go with its transaction, the tables stay with the connection: made anew
-- for each batch of a second they would swell PostgreSQL's catalogue.
CREATE TEMP TABLE IF NOT EXISTS apply_context (
  run_seq integer, reading bigint, many boolean, complete boolean, rebuild boolean, time_zone text
) ON COMMIT DELETE ROWS;

-- Rows of a round that never went through staging.
CREATE TEMP TABLE IF NOT EXISTS live_event (
  store_id bigint, item_id bigint, date_time timestamp(0), event_id uuid, change_type_id bigint, quantity integer,
  is_count boolean, trans_id text, employee_id text
) ON COMMIT DELETE ROWS;

DO $$ BEGIN
  IF to_regclass('pg_temp.incoming_event') IS NULL THEN
    CREATE TEMP VIEW incoming_event AS
    SELECT store_id, item_id, date_time, event_id, change_type_id, quantity, is_count, trans_id, employee_id
    FROM staging_event WHERE reading = (SELECT reading FROM apply_context)
    UNION ALL
    SELECT store_id, item_id, date_time, event_id, change_type_id, quantity, is_count, trans_id, employee_id
    FROM live_event;
  END IF;
END $$;

-- The events that are new, with their meaning; after a change of the rules (rebuild) all others, too.
CREATE TEMP TABLE IF NOT EXISTS fresh (
  store_id bigint, item_id bigint, date_time timestamp(0), business_date date, event_id uuid, change_type_id bigint,
  quantity integer, run_seq integer, is_count boolean, phase integer, role text, move_quantity integer,
  units_sold integer, trans_id text, employee_id text, is_new boolean
) ON COMMIT DELETE ROWS;

-- Counter-events without the line that they take back.
CREATE TEMP TABLE IF NOT EXISTS lone_counter (event_id uuid) ON COMMIT DELETE ROWS;

CREATE TEMP TABLE IF NOT EXISTS applied_count (rows_new bigint) ON COMMIT DELETE ROWS;

-- Each day of a pair with fresh events: what they add, and whether the day was known.
CREATE TEMP TABLE IF NOT EXISTS touched_day (
  store_id bigint, item_id bigint, business_date date,
  units_sold bigint, units_bopis bigint, units_restocked bigint, units_shrink bigint, sale_lines bigint,
  bopis_lines bigint, delta_quantity bigint, move_quantity bigint,
  first_event_time timestamp(0), last_event_time timestamp(0), first_sale_time timestamp(0),
  last_sale_time timestamp(0), event_count bigint, change_quantity bigint, run_quantity bigint,
  known boolean, counted boolean
) ON COMMIT DELETE ROWS;

-- Events of the touched days that hold a count.
CREATE TEMP TABLE IF NOT EXISTS counted_event (
  store_id bigint, item_id bigint, business_date date, date_time timestamp(0), event_id uuid, is_count boolean,
  quantity bigint, move_quantity bigint, phase integer
) ON COMMIT DELETE ROWS;

-- Stock at the end of each touched day that holds a count.
CREATE TEMP TABLE IF NOT EXISTS day_count (
  store_id bigint, item_id bigint, business_date date, counted_closing bigint
) ON COMMIT DELETE ROWS;

-- Of each touched pair: its first and last touched day, the stock before, the next day with a count after.
CREATE TEMP TABLE IF NOT EXISTS touched_span (
  store_id bigint, item_id bigint, from_date date, to_date date, opening bigint, next_count_date date
) ON COMMIT DELETE ROWS;

-- Dates of which a row of combined.csv is another now.
CREATE TEMP TABLE IF NOT EXISTS changed_date (business_date date PRIMARY KEY) ON COMMIT DELETE ROWS;

-- What the touched days add to each month of a pair.
CREATE TEMP TABLE IF NOT EXISTS month_change (
  store_id bigint, item_id bigint, month date, units_sold bigint, units_bopis bigint, sale_lines bigint,
  bopis_lines bigint
) ON COMMIT DELETE ROWS;

CREATE TEMP TABLE IF NOT EXISTS closed_change (store_id bigint, item_id bigint) ON COMMIT DELETE ROWS;
