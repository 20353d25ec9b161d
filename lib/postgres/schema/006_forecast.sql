-- The planning forecast. It depends on closed days only: those before the business date that it was made for.

ALTER TABLE dataset ADD COLUMN forecast_date date;
-- Settings that it was made with; others make all of it again.
ALTER TABLE dataset ADD COLUMN forecast_as text;

-- Pairs whose closed days changed since. Apply adds to it, the next forecast empties it.
CREATE TABLE forecast_dirty (
  store_id bigint NOT NULL,
  item_id  bigint NOT NULL,
  -- The newest run that changed them: rows that come while a forecast is made belong to the next.
  run_seq  integer NOT NULL,
  PRIMARY KEY (store_id, item_id)
);

-- Sales that a restock of the same pair and size undid within 3 days: no demand.
CREATE TABLE cancelled_sale (
  store_id      bigint NOT NULL,
  item_id       bigint NOT NULL,
  sale_time     timestamp(0) NOT NULL,
  sale_event_id uuid NOT NULL,
  restock_time  timestamp(0) NOT NULL,
  restock_event_id uuid NOT NULL,
  quantity      bigint NOT NULL,
  PRIMARY KEY (store_id, item_id, restock_event_id)
);

-- What the backtest found out about each pair: figures at every origin (lib/core/forecast/pairRecord.ts).
CREATE TABLE forecast_score (
  store_id bigint NOT NULL,
  item_id  bigint NOT NULL,
  record   bytea NOT NULL,
  PRIMARY KEY (item_id, store_id)
);

-- Figures in units, at most 3 decimals; null = not known.
CREATE TABLE forecast_pair (
  store_id         bigint NOT NULL,
  item_id          bigint NOT NULL,
  status           text NOT NULL CHECK (status IN ('ok', 'low_history', 'no_demand')),
  demand_class     text,
  daily_units      numeric,
  current_units    numeric,
  current_lower    numeric,
  current_upper    numeric,
  next_units       numeric,
  next_lower       numeric,
  next_upper       numeric,
  last_month_units numeric,
  mean_28d_units   numeric,
  lost_units       numeric,
  safety_stock     numeric,
  reorder_point    numeric,
  order_up_to      numeric,
  pack_size        integer,
  abc_class        text,
  xyz_class        text,
  PRIMARY KEY (store_id, item_id)
);

CREATE TABLE forecast_sum (
  level    text NOT NULL CHECK (level IN ('item', 'store', 'total')),
  store_id bigint,
  item_id  bigint,
  current_units    numeric,
  current_lower    numeric,
  current_upper    numeric,
  next_units       numeric,
  next_lower       numeric,
  next_upper       numeric,
  last_month_units numeric,
  mean_28d_units   numeric,
  UNIQUE NULLS NOT DISTINCT (level, store_id, item_id)
);

CREATE TABLE forecast_accuracy (
  level   text NOT NULL,
  class   text NOT NULL,
  model   text NOT NULL,
  target  text NOT NULL,
  -- What was forecast; null for all months together.
  month   date,
  origins integer NOT NULL,
  n       integer NOT NULL,
  wape    numeric,
  bias    numeric,
  mase    numeric,
  rmsse   numeric,
  pinball numeric,
  coverage numeric,
  skill_last_month numeric,
  skill_mean_28d   numeric,
  skill_linear     numeric,
  skill_run_rate   numeric,
  UNIQUE NULLS NOT DISTINCT (level, class, model, target, month)
);

-- Forecasts of a month as they were last made before it began, for what adds up: an item, a store, all.
CREATE TABLE forecast_history (
  level    text NOT NULL,
  store_id bigint,
  item_id  bigint,
  month    date NOT NULL,
  made_for date NOT NULL,
  units    numeric,
  lower    numeric,
  upper    numeric,
  UNIQUE NULLS NOT DISTINCT (level, store_id, item_id, month)
);
