-- Months whose archive file no longer tells the truth: new events, and events behind which the stock moved.
INSERT INTO archive_month AS a (month, dirty)
SELECT DISTINCT date_trunc('month', business_date)::date, true
FROM (SELECT business_date FROM touched_day
      UNION SELECT business_date FROM changed_closing
      UNION SELECT next_count_date FROM touched_span WHERE next_count_date IS NOT NULL) d
ORDER BY 1
ON CONFLICT (month) DO UPDATE SET dirty = true;
