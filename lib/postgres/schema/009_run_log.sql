-- What a run said while it ran, for its page; bounded per run (runLog.ts).
CREATE TABLE run_log (
  run_seq integer NOT NULL REFERENCES run ON DELETE CASCADE,
  line_no bigint GENERATED ALWAYS AS IDENTITY,
  said_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  line    text NOT NULL,
  PRIMARY KEY (run_seq, line_no)
);

-- Alerts that were due, each once: subject is the failed run, or the good run since which none came.
CREATE TABLE alert (
  kind         text NOT NULL CHECK (kind IN ('failure', 'absence')),
  subject      text NOT NULL,
  due_at       timestamptz NOT NULL DEFAULT now(),
  tries        integer NOT NULL DEFAULT 0,
  next_try_at  timestamptz NOT NULL DEFAULT now(),
  delivered_at timestamptz,
  error        text,
  PRIMARY KEY (kind, subject)
);
