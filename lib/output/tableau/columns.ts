/** The columns of every CSV with the type that a BI tool is to read them as. Source: product.md, Output. */

export type DataType = 'integer' | 'real' | 'string' | 'date' | 'datetime' | 'boolean';

/**
 * What a column is for: `id` (a number that is a name), `text`, `time`, `flag`; `sum` may be added up; `state` must not be,
 * over rows of its file: stock after an event, ranks, bands, shares; it is shown as its maximum unless told otherwise.
 */
export type Use = 'id' | 'text' | 'time' | 'flag' | 'sum' | 'state';

export type Column = Readonly<{ name: string; type: DataType; use: Use }>;

/** `name:type` for what is fully told by it; the use follows from the type unless one stands behind it. */
function columns(...specs: readonly string[]): readonly Column[] {
  return [...specs, 'run_id:string', 'as_of_utc:datetime'].map((spec) => {
    const [name = '', type = '', use] = spec.split(':');
    return { name, type: type as DataType, use: (use ?? usual[type as DataType]) as Use };
  });
}

const usual: Readonly<Record<DataType, Use>> = {
  integer: 'sum',
  real: 'sum',
  string: 'text',
  date: 'time',
  datetime: 'time',
  boolean: 'flag',
};

export const csvColumns = {
  combined: columns(
    ...['item_id:integer:id', 'employee_id:string', 'store_id:integer:id', 'date_time:datetime', 'quantity:integer'],
    ...['source_type:string', 'store_name:string', 'action:string', 'trans_id:string', 'change_type_id:integer:id'],
    ...['change_type:string', 'final_quantity:integer:state', 'item_name:string', 'date_time_utc:datetime'],
    ...['business_date:date', 'hour:integer:id', 'units_sold:integer', 'forecast_month:date'],
    ...['forecast_units_linear:real:state', 'forecast_units:real:state', 'forecast_lower:real:state'],
    ...['forecast_upper:real:state', 'low_stock_rank:integer:state', 'event_id:string'],
  ),
  delta_quantity: columns('store_id:integer:id', 'item_id:integer:id', 'delta_quantity:integer'),
  inventory_current: columns(
    ...['store_id:integer:id', 'store_name:string', 'item_id:integer:id', 'item_name:string', 'supplier_id:string'],
    ...['snapshot_quantity:integer', 'snapshot_time:datetime', 'change_quantity:integer', 'final_quantity:integer'],
    ...['delta_quantity:integer', 'last_event_time:datetime', 'last_sale_time:datetime'],
    ...['safety_stock_quantity:integer', 'stock_status:string', 'low_stock_rank:integer:state'],
    ...['avg_daily_demand:real', 'days_of_cover:real:state', 'stockout_date:date', 'stockout_date_early:date'],
    ...['stockout_date_late:date', 'safety_stock:real', 'reorder_point:real', 'order_up_to:real'],
    ...['reorder_quantity:real', 'lost_sales_estimate:real', 'abc_class:string', 'xyz_class:string'],
    ...['demand_class:string', 'cluster_id:string', 'forecast_current_month:real:state'],
    ...['forecast_next_month:real:state'],
  ),
  sales_daily: columns(
    ...['store_id:integer:id', 'item_id:integer:id', 'business_date:date', 'units_sold:integer'],
    ...['units_bopis:integer', 'units_restocked:integer', 'units_shrink:integer', 'closing_quantity:integer:state'],
  ),
  sales_hourly: columns(
    ...['store_id:integer:id', 'business_date:date', 'hour:integer:id', 'units_sold:integer', 'transactions:integer'],
  ),
  forecast: columns(
    ...['level:string', 'store_id:integer:id', 'item_id:integer:id', 'month:date', 'forecast_indicator:string'],
    ...['model:string', 'units:real:state', 'lower:real:state', 'upper:real:state', 'status:string'],
  ),
  forecast_accuracy: columns(
    ...['level:string', 'class:string', 'model:string', 'target:string', 'month:date', 'origins:integer:state'],
    ...['n:integer:state', 'wape:real:state', 'bias:real:state', 'mase:real:state', 'rmsse:real:state'],
    ...['pinball:real:state', 'coverage:real:state', 'skill_last_month:real:state', 'skill_mean_28d:real:state'],
    ...['skill_linear:real:state', 'skill_run_rate:real:state'],
  ),
  forecast_history: columns(
    ...['level:string', 'store_id:integer:id', 'item_id:integer:id', 'month:date', 'made_for:date'],
    ...['units:real:state', 'lower:real:state', 'upper:real:state', 'actual_units:real:state'],
    ...['error_units:real:state', 'in_band:boolean'],
  ),
  cluster_profile: columns(
    ...['cluster_id:string', 'dimension:string', 'bucket:integer:id', 'share:real:state', 'index:real:state'],
    ...['items:integer:state', 'units:integer:state'],
  ),
  stocktake: columns(
    ...['store_id:integer:id', 'item_id:integer:id', 'date_time:datetime', 'counted_quantity:integer:state'],
    ...['book_quantity:integer:state', 'variance:integer'],
  ),
  dim_item: columns(
    ...['item_id:integer:id', 'item_name:string', 'supplier_id:string', 'safety_stock_quantity:integer:state'],
  ),
  dim_store: columns('store_id:integer:id', 'store_name:string', 'timezone:string'),
  dim_date: columns(
    ...['business_date:date', 'year:integer:id', 'quarter:integer:id', 'month:integer:id', 'month_name:string'],
    ...['iso_week:integer:id', 'weekday:integer:id', 'weekday_name:string', 'is_weekend:boolean'],
  ),
  data_quality: columns('rule:string', 'severity:string', 'subject:string', 'count:integer', 'detail:string'),
  rejected_rows: columns(
    ...['file:string', 'line:integer:id', 'column:string', 'value:string', 'reason:string', 'raw:string'],
  ),
  latency: columns(
    ...['batch_id:integer:id', 'batch_run_id:string', 'rows:integer', 'mean_sent_time_utc:datetime'],
    ...['finished_time_utc:datetime', 'latency_seconds:real:state', 'kafka_wait_ms:real:state', 'parse_ms:real:state'],
    ...['postgres_ms:real:state', 'mongodb_ms:real:state'],
  ),
  run_info: columns(
    ...['dataset:string', 'state:string', 'status:string', 'reason:string', 'trigger:string', 'slot:datetime'],
    ...['covers:string', 'opened_at_utc:datetime', 'published_at_utc:datetime', 'files:integer'],
    ...['files_refused:integer', 'rows_read:integer', 'rows_new:integer', 'rows_duplicate:integer'],
    ...['rows_rejected:integer', 'pairs_changed:integer', 'forecast_month:date'],
  ),
} as const satisfies Readonly<Record<string, readonly Column[]>>;

export type CsvName = keyof typeof csvColumns;

/** @throws Error where the catalogue has no such column: a sheet that names one is a fault of ours */
export function columnOf(csv: CsvName, name: string): Column {
  const found = csvColumns[csv].find((column) => column.name === name);
  if (found === undefined) throw new Error(`${csv}.csv has no column ${name}`);
  return found;
}

const upper: Readonly<Record<string, string>> = {
  id: 'ID',
  utc: 'UTC',
  abc: 'ABC',
  xyz: 'XYZ',
  ms: 'ms',
  wape: 'WAPE',
  mase: 'MASE',
  rmsse: 'RMSSE',
};
const said: Readonly<Record<string, string>> = {
  lower: 'Lower Prediction Interval',
  upper: 'Upper Prediction Interval',
  forecast_lower: 'Forecast Lower Prediction Interval',
  forecast_upper: 'Forecast Upper Prediction Interval',
  n: 'Forecasts Compared',
};

/** @example captionOf('item_id') // 'Item ID' */
export function captionOf(name: string): string {
  const words = name.split('_').map((word) => upper[word] ?? word.charAt(0).toUpperCase() + word.slice(1));
  return said[name] ?? words.join(' ');
}
