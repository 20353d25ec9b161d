-- Months whose archive file no longer tells the truth: new events, and events behind which the stock moved.
INSERT INTO archive_month AS a (month, dirty)
SELECT DISTINCT date_trunc('month', business_date)::date, true FROM changed_date ORDER BY 1
ON CONFLICT (month) DO UPDATE SET dirty = true;
