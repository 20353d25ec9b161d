COPY (
SELECT p.cluster_id, p.dimension, p.bucket, trim_scale(p.share) AS share, trim_scale(p.index) AS index, p.items, p.units,
       c.run_id, c.as_of_utc
FROM cluster_profile p CROSS JOIN publish_context c
ORDER BY p.cluster_id COLLATE "C", array_position(ARRAY['hour', 'weekday', 'month'], p.dimension), p.bucket
) TO STDOUT (FORMAT csv, HEADER)
