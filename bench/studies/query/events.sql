-- Lines of exports in a shuffled but repeatable order, so that any first part of them is like the whole.
CREATE UNLOGGED TABLE bench_seed AS
SELECT row_number() OVER (ORDER BY md5(l::text), date_time) - 1 AS line, l.*
FROM bench_line l;

-- Events in time order, `per_batch` of them under one run_seq. Each copy of the lines is the year turned on by four
-- weeks: weekdays and hours stay, and neighbours in a batch come from different weeks, so that a batch touches as many
-- pairs as it would if the shops themselves had grown. `weeks_later` and `times_as_fast` put them all elsewhere in time.
CREATE FUNCTION bench_events(event_count bigint, per_batch int, first_copy int, first_run int, weeks_later int,
                             times_as_fast int)
RETURNS SETOF inventory_event LANGUAGE sql STABLE AS $$
  SELECT store_id, item_id, date_time, event_id, change_type_id, quantity,
         (row_number() OVER (ORDER BY date_time, event_id) - 1)::int / per_batch + first_run AS run_seq,
         false AS is_count, trans_id, NULL AS employee_id
  FROM (
    SELECT s.store_id, s.item_id, s.change_type_id, s.quantity,
           y.first_day + make_interval(weeks => weeks_later, secs => mod(
             extract(epoch FROM s.date_time - y.first_day) + copy * 4 * 604800::bigint, y.weeks * 604800)::float8 / times_as_fast)
             ::interval AS date_time,
           md5(copy || '/' || s.line)::uuid AS event_id,
           copy || '-' || trim(BOTH '{}' FROM s.trans_id) AS trans_id
    FROM bench_seed s
    CROSS JOIN (SELECT count(*) AS lines, min(date_time)::date::timestamp(0) AS first_day,
                       ceil(extract(epoch FROM max(date_time) - min(date_time)::date) / 604800) AS weeks
                FROM bench_seed) y
    CROSS JOIN LATERAL generate_series(first_copy, first_copy + ((event_count - 1) / y.lines)::int) AS copy
    WHERE (copy - first_copy) * y.lines + s.line < event_count
  ) e
  ORDER BY date_time, event_id
$$;

-- The events in the shapes that are compared; the tables of the dataset itself are filled from bench_event.
CREATE TABLE bench_event (LIKE inventory_event) WITH (autovacuum_enabled = off);
CREATE TABLE bench_event_monthly (LIKE inventory_event) PARTITION BY RANGE (date_time);
CREATE TABLE bench_delta (LIKE run_delta) WITH (autovacuum_enabled = off);
CREATE TABLE bench_more (LIKE inventory_event);
CREATE TABLE bench_more_delta (LIKE run_delta);
