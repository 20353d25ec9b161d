-- What taking back, making anew and fencing need (docs/guarantees.md).

ALTER TABLE run DROP CONSTRAINT run_trigger_check;
ALTER TABLE run ADD CONSTRAINT run_trigger_check
  CHECK (trigger IN ('clock', 'start-up', 'sweep', 'hand', 'once', 'follow', 'replay', 'repair'));
-- Its rows were counted again by a later replay: this run's numbers are history, not part of today's sums.
ALTER TABLE run ADD COLUMN replayed boolean NOT NULL DEFAULT false;
-- A run that reads no files (a repair, a replay from Kafka) does not make an hour good.
ALTER TABLE run ADD COLUMN reads_files boolean NOT NULL DEFAULT true;

-- MongoDB no longer holds what PostgreSQL does (another process may have written older values): set it again.
ALTER TABLE store_item ADD COLUMN mirror_due boolean NOT NULL DEFAULT false;
CREATE INDEX store_item_mirror_due ON store_item (store_id, item_id) WHERE mirror_due;

-- All documents are to be made anew; the closed day on which they were last compared.
ALTER TABLE dataset ADD COLUMN mirror_stale boolean NOT NULL DEFAULT false;
ALTER TABLE dataset ADD COLUMN mirror_checked_on date;

-- Lines that a person took back. The counter-event carries the line's values with the opposite quantity and goes the
-- way of every row: produce sends it while `run_seq` is null, apply notes the run that counted it.
CREATE TABLE withdrawal (
  event_id         uuid PRIMARY KEY,
  counter_event_id uuid NOT NULL UNIQUE,
  store_id         bigint NOT NULL,
  item_id          bigint NOT NULL,
  date_time        timestamp(0) NOT NULL,
  change_type_id   bigint NOT NULL,
  trans_id         text NOT NULL,
  -- Of the line as it was delivered; the counter-event's is its opposite.
  quantity         integer NOT NULL,
  file             text NOT NULL,
  line             bigint NOT NULL,
  asked_at         timestamptz NOT NULL DEFAULT now(),
  run_seq          integer
);
CREATE INDEX withdrawal_pending ON withdrawal (file, line) WHERE run_seq IS NULL;
