-- Level item_store of forecast.sql. Per store the online store's bopis is in what sold; of the estimates the trend has it.
actual AS (
  SELECT store_id, item_id, month, units_sold AS units FROM store_item_month
), estimate AS (
  SELECT p.store_id, p.item_id, p.linear_units, f.status, f.current_units, f.current_lower, f.current_upper, f.next_units,
         f.next_lower, f.next_upper, f.last_month_units, f.mean_28d_units, p.first_sale_time IS NOT NULL AS sold
  FROM store_item p LEFT JOIN forecast_pair f USING (store_id, item_id)
)
