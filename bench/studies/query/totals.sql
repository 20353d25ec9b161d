-- What the dataset maintains, from the events: the sums are real, stock and trend only have the right width.
INSERT INTO store_item
  (store_id, item_id, delta_quantity, snapshot_quantity, snapshot_time, final_quantity, first_event_time,
   last_event_time, first_sale_time, last_sale_time, event_count, linear_units, linear_month, mirrored)
SELECT store_id, item_id, sum(quantity), 100, min(date_time), 100 + sum(quantity), min(date_time), max(date_time),
       min(date_time), max(date_time), count(*), round(avg(quantity), 4), max(date_time)::date, true
FROM bench_event GROUP BY store_id, item_id
ORDER BY min(date_time), store_id, item_id;
