-- A run may count its rows in several rounds (npm run follow), by several processes; statistics only where a table is large.

-- From here on it goes to MongoDB and the CSVs: rows that come now belong to the next run.
ALTER TABLE run ADD COLUMN handed_on boolean NOT NULL DEFAULT false;

-- Small tables are planned well enough by their size; statistics of each would cost a small batch a fifth of its time.
CREATE FUNCTION analyse_large(name regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF pg_relation_size(name) > 2 * 1024 * 1024 THEN
    EXECUTE format('ANALYZE %s', name);
  END IF;
END $$;
