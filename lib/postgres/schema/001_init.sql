-- One schema per dataset; every statement runs with that schema as its search_path.

CREATE TABLE dataset (
  only_row     boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  name         text NOT NULL,
  input_dir    text,
  topic        text,
  created_at   timestamptz NOT NULL DEFAULT now(),
  -- The rules in force when derived figures were last rebuilt; another online store or role map rebuilds them.
  online_store_id          bigint  NOT NULL DEFAULT 0,
  online_bopis_moves_stock boolean NOT NULL DEFAULT false,
  rules_fingerprint        text    NOT NULL DEFAULT '',
  -- Names that changed since the closed months were last rewritten.
  names_changed            boolean NOT NULL DEFAULT false,
  -- Whether any time was ever delivered with seconds: only then can a line differ from another in them alone.
  times_have_seconds       boolean NOT NULL DEFAULT false,
  published_date           date,
  -- The folder and settings that the closed months were written for; others write them all again.
  published_as             text,
  clock_paused             boolean NOT NULL DEFAULT false
);

-- ── The ledger ────────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE run (
  run_seq        integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id         text NOT NULL UNIQUE,
  trigger        text NOT NULL CHECK (trigger IN ('clock', 'start-up', 'sweep', 'hand', 'once', 'follow')),
  slot           timestamptz,
  covers         timestamptz[] NOT NULL DEFAULT '{}',
  status         text NOT NULL DEFAULT 'running'
                 CHECK (status IN ('running', 'succeeded', 'succeeded_with_warnings', 'failed')),
  reason         text,
  warnings       text[] NOT NULL DEFAULT '{}',
  holder         text,
  heartbeat_at   timestamptz NOT NULL DEFAULT now(),
  opened_at      timestamptz NOT NULL DEFAULT now(),
  finished_at    timestamptz,
  applied_at     timestamptz,
  mirrored_at    timestamptz,
  files          integer NOT NULL DEFAULT 0,
  files_refused  integer NOT NULL DEFAULT 0,
  rows_read      bigint NOT NULL DEFAULT 0,
  rows_new       bigint NOT NULL DEFAULT 0,
  rows_duplicate bigint NOT NULL DEFAULT 0,
  rows_rejected  bigint NOT NULL DEFAULT 0,
  pairs_changed  bigint NOT NULL DEFAULT 0,
  -- Its deltas stand in the base rows (RUN_DELTA_DAYS).
  folded         boolean NOT NULL DEFAULT false
);
-- The open row holds the place: one run at a time in a dataset.
CREATE UNIQUE INDEX run_one_open ON run ((true)) WHERE finished_at IS NULL;
CREATE INDEX run_opened_at ON run (opened_at);
CREATE INDEX run_unfolded ON run (opened_at) WHERE NOT folded;
CREATE INDEX run_unmirrored ON run (run_seq) WHERE applied_at IS NOT NULL AND mirrored_at IS NULL;

CREATE TABLE run_step (
  run_seq     integer NOT NULL REFERENCES run ON DELETE CASCADE,
  step        text NOT NULL CHECK (step IN ('produce', 'read', 'apply', 'mirror', 'publish', 'commit')),
  attempt     integer NOT NULL,
  started_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at timestamptz,
  detail      jsonb NOT NULL DEFAULT '{}',
  error       text,
  PRIMARY KEY (run_seq, step, attempt)
);

CREATE TABLE topic_offset (
  topic         text NOT NULL,
  partition     integer NOT NULL,
  next_offset   bigint NOT NULL,
  -- What stood at next_offset - 1: read again first, so that another topic under the same name is noticed.
  last_event_id uuid,
  PRIMARY KEY (topic, partition)
);

CREATE TABLE run_range (
  run_seq     integer NOT NULL REFERENCES run ON DELETE CASCADE,
  topic       text NOT NULL,
  partition   integer NOT NULL,
  from_offset bigint NOT NULL,
  to_offset   bigint NOT NULL CHECK (to_offset > from_offset),
  PRIMARY KEY (topic, partition, from_offset)
);

CREATE TABLE batch_metric (
  batch_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_seq       integer NOT NULL,
  rows          bigint NOT NULL,
  mean_sent_at  timestamptz,
  started_at    timestamptz NOT NULL,
  finished_at   timestamptz NOT NULL,
  kafka_wait_ms double precision,
  parse_ms      double precision,
  postgres_ms   double precision,
  mongodb_ms    double precision
);

-- ── Files ─────────────────────────────────────────────────────────────────────────────────────────────────────

-- How far each file was read and applied. `applied_to` counts bytes, `applied_lines` physical lines with the header.
CREATE TABLE source_file (
  name          text PRIMARY KEY,
  kind          text NOT NULL,
  inode         text NOT NULL,
  size_bytes    bigint NOT NULL,
  modified_ms   double precision NOT NULL,
  reading       integer NOT NULL,
  applied_to    bigint NOT NULL,
  applied_lines bigint NOT NULL,
  -- Lines of this reading that are events; blank, rejected and repeated header lines are not.
  valid_rows    bigint NOT NULL DEFAULT 0,
  -- Start of a last line that was taken without its line end, else null.
  open_line_at  bigint,
  head_hash     text NOT NULL,
  tail_hash     text NOT NULL,
  whole_hash    text,
  whole_to      bigint,
  checked_on    date,
  run_seq       integer NOT NULL
);
-- The same, acknowledged by Kafka but not applied yet; apply moves it over in its transaction.
CREATE TABLE source_file_provisional (LIKE source_file INCLUDING DEFAULTS, PRIMARY KEY (run_seq, name));

CREATE TABLE rejected_row (
  file        text NOT NULL,
  line        bigint NOT NULL,
  raw_hash    text NOT NULL,
  reading     integer NOT NULL,
  column_name text NOT NULL,
  value       text NOT NULL,
  reason      text NOT NULL,
  raw         text NOT NULL,
  run_seq     integer NOT NULL,
  applied     boolean NOT NULL DEFAULT false,
  rejected_id bigint GENERATED ALWAYS AS IDENTITY,
  PRIMARY KEY (file, line, raw_hash)
);
CREATE INDEX rejected_row_newest ON rejected_row (rejected_id);
CREATE INDEX rejected_row_provisional ON rejected_row (run_seq) WHERE NOT applied;

CREATE TABLE quality_finding (
  rule     text NOT NULL,
  subject  text NOT NULL,
  severity text NOT NULL CHECK (severity IN ('info', 'warning', 'error')),
  count    bigint NOT NULL,
  detail   text NOT NULL,
  run_seq  integer NOT NULL,
  PRIMARY KEY (rule, subject)
);

-- ── Reference ─────────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE item (
  item_id bigint PRIMARY KEY,
  name text,
  supplier_id text,
  safety_stock_quantity bigint
);
CREATE TABLE store (
  store_id bigint PRIMARY KEY,
  name text,
  timezone text
);
CREATE TABLE change_type (
  change_type_id bigint PRIMARY KEY,
  change_type text NOT NULL,
  role text NOT NULL CHECK (role IN ('sale', 'shrink', 'restock', 'bopis', 'other')),
  delivered boolean NOT NULL
);

-- ── Events ────────────────────────────────────────────────────────────────────────────────────────────────────

-- Identity and running order in one index (notes: four times faster to load than a hashed key with a second one).
CREATE TABLE inventory_event (
  store_id       bigint NOT NULL,
  item_id        bigint NOT NULL,
  date_time      timestamp(0) NOT NULL,
  event_id       uuid NOT NULL,
  change_type_id bigint,
  quantity       integer NOT NULL,
  run_seq        integer NOT NULL,
  is_count       boolean NOT NULL,
  trans_id       text,
  employee_id    text,
  PRIMARY KEY (store_id, item_id, date_time, event_id)
) PARTITION BY RANGE (date_time);

CREATE FUNCTION ensure_event_partition(month date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  partition_name text := 'inventory_event_' || to_char(month, 'YYYY_MM');
BEGIN
  IF to_regclass(quote_ident(partition_name)) IS NULL THEN
    EXECUTE format('CREATE TABLE IF NOT EXISTS %I PARTITION OF inventory_event FOR VALUES FROM (%L) TO (%L)',
                   partition_name, date_trunc('month', month), date_trunc('month', month) + interval '1 month');
  END IF;
END $$;

CREATE UNLOGGED TABLE staging_event (
  reading        bigint NOT NULL,
  store_id       bigint NOT NULL,
  item_id        bigint NOT NULL,
  date_time      timestamp(0) NOT NULL,
  event_id       uuid NOT NULL,
  change_type_id bigint,
  quantity       integer NOT NULL,
  is_count       boolean NOT NULL,
  trans_id       text,
  employee_id    text
);
CREATE SEQUENCE staging_reading;

-- What an event means: its place at equal times, what it moves, what it sells (product.md, Rules of the data).
CREATE FUNCTION event_meaning(is_count boolean, quantity bigint, store_id bigint, type_role text,
                              online_store_id bigint, online_bopis_moves_stock boolean)
RETURNS TABLE (phase integer, role text, move_quantity bigint, units_sold bigint)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN is_count THEN 0 WHEN quantity > 0 THEN 1 ELSE 2 END,
         CASE WHEN is_count THEN 'count' ELSE coalesce(type_role, 'other') END,
         CASE WHEN is_count OR (type_role = 'bopis' AND store_id = online_store_id AND NOT online_bopis_moves_stock)
              THEN 0 ELSE quantity END,
         CASE WHEN type_role IN ('sale', 'bopis') THEN -quantity END
$$;

CREATE VIEW classified_event AS
SELECT e.store_id, e.item_id, e.date_time, e.event_id, e.change_type_id, e.quantity::bigint AS quantity, e.run_seq,
       e.is_count, e.trans_id, e.employee_id, m.phase, m.role, m.move_quantity, m.units_sold
FROM inventory_event e
CROSS JOIN dataset d
LEFT JOIN change_type t ON t.change_type_id = e.change_type_id
CROSS JOIN LATERAL event_meaning(e.is_count, e.quantity, e.store_id, t.role, d.online_store_id,
                                 d.online_bopis_moves_stock) m;

-- ── What is maintained ────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE store_item (
  store_id          bigint NOT NULL,
  item_id           bigint NOT NULL,
  -- Sum of all changes; null for a pair that was only counted.
  delta_quantity    bigint,
  snapshot_quantity bigint,
  snapshot_time     timestamp(0),
  final_quantity    bigint,
  first_event_time  timestamp(0) NOT NULL,
  last_event_time   timestamp(0) NOT NULL,
  first_sale_time   timestamp(0),
  last_sale_time    timestamp(0),
  -- Changes and counts.
  event_count       bigint NOT NULL,
  -- The linear trend and the month it was made for; null = to be made again.
  linear_units      numeric,
  linear_month      date,
  mirrored          boolean NOT NULL DEFAULT false,
  PRIMARY KEY (store_id, item_id)
) WITH (fillfactor = 80);

CREATE TABLE store_item_day (
  store_id         bigint NOT NULL,
  item_id          bigint NOT NULL,
  business_date    date NOT NULL,
  units_sold       bigint NOT NULL,
  units_bopis      bigint NOT NULL,
  units_restocked  bigint NOT NULL,
  units_shrink     bigint NOT NULL,
  -- Lines of sale or bopis, returns too: tells the first month of sales.
  sale_lines       bigint NOT NULL,
  bopis_lines      bigint NOT NULL,
  delta_quantity   bigint NOT NULL,
  -- What changes moved the stock by, over the whole day.
  move_quantity    bigint NOT NULL,
  -- Stock at the end of a day that holds a count: the last count and what moved after it. Null without a count.
  counted_closing  bigint,
  closing_quantity bigint,
  PRIMARY KEY (store_id, item_id, business_date)
) WITH (fillfactor = 90);
CREATE INDEX store_item_day_date ON store_item_day USING brin (business_date);

CREATE TABLE store_item_month (
  store_id    bigint NOT NULL,
  item_id     bigint NOT NULL,
  month       date NOT NULL,
  units_sold  bigint NOT NULL,
  units_bopis bigint NOT NULL,
  sale_lines  bigint NOT NULL,
  bopis_lines bigint NOT NULL,
  PRIMARY KEY (store_id, item_id, month)
);
CREATE INDEX store_item_month_month ON store_item_month (month);
CREATE TABLE store_month (
  store_id    bigint NOT NULL,
  month       date NOT NULL,
  units_sold  bigint NOT NULL,
  units_bopis bigint NOT NULL,
  sale_lines  bigint NOT NULL,
  bopis_lines bigint NOT NULL,
  PRIMARY KEY (store_id, month)
);
-- Over stores the online store's bopis is left out: it is the double of a picking store's line.
CREATE TABLE item_month (
  item_id     bigint NOT NULL,
  month       date NOT NULL,
  units_sold  bigint NOT NULL,
  sale_lines  bigint NOT NULL,
  PRIMARY KEY (item_id, month)
);
CREATE INDEX item_month_month ON item_month (month);
CREATE TABLE item_trend (
  item_id      bigint PRIMARY KEY,
  linear_units numeric,
  linear_month date
);

CREATE TABLE store_hour (
  store_id      bigint NOT NULL,
  business_date date NOT NULL,
  hour          smallint NOT NULL,
  units_sold    bigint NOT NULL,
  transactions  bigint NOT NULL,
  PRIMARY KEY (store_id, business_date, hour)
);
CREATE INDEX store_hour_date ON store_hour (business_date);
-- A receipt's items lie on several partitions and come in several runs; its id counts once an hour.
CREATE TABLE store_hour_transaction (
  store_id      bigint NOT NULL,
  business_date date NOT NULL,
  hour          smallint NOT NULL,
  trans_id      text NOT NULL,
  PRIMARY KEY (store_id, business_date, hour, trans_id)
);

CREATE TABLE store_clock (
  store_id         bigint PRIMARY KEY,
  first_event_time timestamp(0) NOT NULL,
  last_event_time  timestamp(0) NOT NULL
);

-- Change types that events carry, with how many: also those that no file names.
CREATE TABLE change_type_use (
  change_type_id bigint PRIMARY KEY,
  event_count    bigint NOT NULL
);

-- One row a count: what the books said just before it.
CREATE TABLE stocktake (
  store_id         bigint NOT NULL,
  item_id          bigint NOT NULL,
  date_time        timestamp(0) NOT NULL,
  event_id         uuid NOT NULL,
  counted_quantity bigint NOT NULL,
  book_quantity    bigint,
  PRIMARY KEY (store_id, item_id, date_time, event_id)
);
CREATE INDEX stocktake_time ON stocktake (date_time);

-- Per run and touched pair: the run's sum of changes, null where the pair was touched by a count alone.
CREATE TABLE run_delta (
  run_seq        integer NOT NULL,
  store_id       bigint NOT NULL,
  item_id        bigint NOT NULL,
  delta_quantity bigint,
  PRIMARY KEY (run_seq, store_id, item_id)
);
CREATE INDEX run_delta_pair ON run_delta (store_id, item_id);

-- Months with events; dirty = the archive file of the month no longer tells the truth.
CREATE TABLE archive_month (
  month date PRIMARY KEY,
  dirty boolean NOT NULL
);

-- Local time to UTC: before a gap the offset before it, in a doubled hour the first (PostgreSQL takes the second).
CREATE FUNCTION local_to_utc(local timestamp, zone text) RETURNS timestamp LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN zone = 'UTC' THEN local
    WHEN ((local AT TIME ZONE zone) - interval '2 hours') AT TIME ZONE zone = local
      THEN ((local AT TIME ZONE zone) - interval '2 hours') AT TIME ZONE 'UTC'
    WHEN ((local AT TIME ZONE zone) - interval '1 hour') AT TIME ZONE zone = local
      THEN ((local AT TIME ZONE zone) - interval '1 hour') AT TIME ZONE 'UTC'
    WHEN ((local AT TIME ZONE zone) - interval '30 minutes') AT TIME ZONE zone = local
      THEN ((local AT TIME ZONE zone) - interval '30 minutes') AT TIME ZONE 'UTC'
    ELSE (local AT TIME ZONE zone) AT TIME ZONE 'UTC'
  END
$$;

-- Free text that a spreadsheet would run as a formula gets a leading apostrophe (product.md, Output).
CREATE FUNCTION csv_text(value text, escape boolean) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN escape AND value ~ '^[=+\-@\t\r]' THEN '''' || value ELSE value END
$$;
