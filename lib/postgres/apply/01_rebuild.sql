-- The rules changed (another online store, other change types): derived figures are made again from all events.
TRUNCATE store_item, store_item_day, store_item_month, store_month, item_month, item_trend, store_hour, store_hour_transaction,
         store_clock, stocktake, change_type_use;
