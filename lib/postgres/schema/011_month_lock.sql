-- Several processes meet a new month at the same moment: one makes its partition, the others wait and find it. IF NOT
-- EXISTS is no protection against another that makes it just now.
CREATE OR REPLACE FUNCTION ensure_event_partition(month date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  partition_name text := 'inventory_event_' || to_char(month, 'YYYY_MM');
BEGIN
  IF to_regclass(quote_ident(partition_name)) IS NOT NULL THEN RETURN; END IF;
  PERFORM pg_advisory_xact_lock(hashtext('tillcast months'), hashtext(current_schema()));
  -- A query sees what was committed meanwhile; to_regclass may still answer from a cache.
  IF NOT EXISTS (SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                 WHERE i.inhparent = 'inventory_event'::regclass AND c.relname = partition_name) THEN
    EXECUTE format('CREATE TABLE %I PARTITION OF inventory_event FOR VALUES FROM (%L) TO (%L)',
                   partition_name, date_trunc('month', month), date_trunc('month', month) + interval '1 month');
  END IF;
END $$;
