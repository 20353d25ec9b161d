import type { Texts } from './pageTables.ts';
import type { PublishedView } from './publishedView.ts';

export const stockStatuses = ['negative', 'out', 'low', 'ok', 'unknown'] as const;

/** Columns by which the stock table may be sorted; all are columns of inventory_current.csv. */
export const stockSorts = [
  'low_stock_rank',
  'store_id',
  'store_name',
  'item_id',
  'item_name',
  'final_quantity',
  'safety_stock_quantity',
  'stock_status',
  'avg_daily_demand',
  'days_of_cover',
  'stockout_date',
  'reorder_point',
  'reorder_quantity',
  'forecast_next_month',
  'last_sale_time',
  'last_event_time',
  'delta_quantity',
  'lost_sales_estimate',
  'abc_class',
] as const;

export type StockFilter = Readonly<{
  stores: readonly number[] | null;
  statuses: readonly string[] | null;
  item: number | null;
  /** Part of an item's name or supplier, or its id. */
  text: string | null;
}>;

export type StockOrder = Readonly<{ sort: (typeof stockSorts)[number]; descending: boolean }>;

const where = `
WHERE ($1::bigint[] IS NULL OR store_id = ANY ($1)) AND ($2::text[] IS NULL OR stock_status = ANY ($2))
  AND ($3::bigint IS NULL OR item_id = $3)
  AND ($4::text IS NULL OR item_name ILIKE '%' || $4 || '%' OR item_id::text = $5 OR supplier_id ILIKE $4 || '%')`;

/** From a list of column names, never from the request's text. */
function orderBy({ sort, descending }: StockOrder): string {
  return `ORDER BY ${sort} ${descending ? 'DESC' : 'ASC'} NULLS LAST, store_id, item_id`;
}

function values({ stores, statuses, item, text }: StockFilter): unknown[] {
  return [stores, statuses, item, text === null ? null : likeText(text), text];
}

/** Wildcards of a person's search are characters. */
export function likeText(text: string): string {
  return text.replace(/[\\%_]/g, (character) => `\\${character}`);
}

/** Rows of inventory_current.csv that a filter lets through, one page of them. */
export async function stockPage(
  view: PublishedView,
  filter: StockFilter,
  order: StockOrder,
  page: number,
  size: number,
): Promise<{ rows: Record<string, unknown>[]; total: number }> {
  const rows = await view.tables<Record<string, unknown>>(
    `SELECT * FROM page_pair ${where} ${orderBy(order)} LIMIT $6 OFFSET $7`,
    [...values(filter), size, (page - 1) * size],
  );
  const [count] = await view.tables<{ total: number }>(
    `SELECT count(*) AS total FROM page_pair ${where}`,
    values(filter),
  );
  return { rows: rows.map(withoutRun), total: count?.total ?? 0 };
}

/**
 * All rows that a filter lets through, as text. Columns and values are those of inventory_current.csv; `escapes`: free
 * text that a spreadsheet would run as a formula is marked.
 */
export async function stockTexts(
  view: PublishedView,
  filter: StockFilter,
  order: StockOrder,
  escapes: boolean,
): Promise<AsyncGenerator<Texts>> {
  const freeText = ['store_name', 'item_name', 'supplier_id'];
  const columns = (await view.texts('SELECT * FROM page_pair LIMIT 0', []).next()).value?.columns ?? [];
  const fields = columns.map((name: string) => (freeText.includes(name) ? `csv_text(${name}, $6) AS ${name}` : name));
  return view.texts(`SELECT ${fields.join(', ')} FROM page_pair ${where} ${orderBy(order)}`, [
    ...values(filter),
    escapes,
  ]);
}

/** Whether names among these rows hold characters beyond ASCII. */
export async function stockNeedsMark(view: PublishedView, filter: StockFilter): Promise<boolean> {
  const names = 'concat(store_name, item_name, supplier_id)';
  const [row] = await view.tables<{ found: boolean }>(
    `SELECT EXISTS (SELECT FROM page_pair ${where} AND octet_length(${names}) > length(${names})) AS found`,
    values(filter),
  );
  return row?.found ?? false;
}

/** How many pairs stand in each stock status. */
export async function stockCounts(view: PublishedView, stores: readonly number[] | null) {
  return view.tables<{ stock_status: string; pairs: number }>(
    `SELECT stock_status, count(*) AS pairs FROM page_pair WHERE $1::bigint[] IS NULL OR store_id = ANY ($1)
     GROUP BY stock_status`,
    [stores],
  );
}

/** The answer names its run once. */
export function withoutRun<Row extends object>(row: Row): Omit<Row, 'run_id' | 'as_of_utc'> {
  const { run_id: _run, as_of_utc: _asOf, ...rest } = row as Row & { run_id?: unknown; as_of_utc?: unknown };
  return rest as Omit<Row, 'run_id' | 'as_of_utc'>;
}
