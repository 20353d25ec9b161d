-- What stands in every event row of a pair, made once per publication and in the order of the rows.
CREATE TEMP TABLE publish_pair ON COMMIT DROP AS
SELECT p.store_id, p.item_id, csv_text(s.name, c.escape) AS store_name, csv_text(i.name, c.escape) AS item_name,
       coalesce(s.timezone, c.time_zone) AS zone, p.store_id = d.online_store_id AS is_online,
       trim_scale(p.linear_units)::text AS linear_units, f.next_units::text AS forecast_units,
       f.next_lower::text AS forecast_lower, f.next_upper::text AS forecast_upper, l.low_stock_rank
FROM store_item p
CROSS JOIN publish_context c
CROSS JOIN dataset d
LEFT JOIN store s USING (store_id)
LEFT JOIN item i USING (item_id)
LEFT JOIN low_stock l USING (store_id, item_id)
LEFT JOIN forecast_pair f USING (store_id, item_id)
ORDER BY p.store_id, p.item_id;
ANALYZE publish_pair;
