import { dateOf, dayNumber } from '../core/forecast/calendarDays.ts';
import type { StoreHistory } from '../core/forecast/history.ts';
import { type HeldRun, holdRun } from './heldRun.ts';
import { type Database, inTransaction, query } from './pool.ts';
import { sqlFile } from './sqlFile.ts';

/** Where the forecast stands against the data. Dates `yyyy-MM-dd`; `asOfDate` is the open day's. */
export type ForecastState = Readonly<{
  asOfDate: string;
  firstDate: string;
  /** The date and settings of the forecast that stands, null before the first. */
  madeFor: string | null;
  madeAs: string | null;
  dirtyPairs: number;
}>;

/** Undefined before the first event. @throws TillcastError ETL_PG */
export async function forecastState(db: Database): Promise<ForecastState | undefined> {
  const [row] = await query<{
    as_of_date: string | null;
    first_date: string;
    forecast_date: string | null;
    forecast_as: string | null;
    dirty: number;
  }>(
    db,
    `SELECT k.as_of_date, k.first_date, d.forecast_date, d.forecast_as, (SELECT count(*) FROM forecast_dirty) AS dirty
     FROM dataset d,
          (SELECT max(last_event_time)::date AS as_of_date, min(first_event_time)::date AS first_date FROM store_clock) k`,
  );
  if (row?.as_of_date == null) return undefined;
  return {
    asOfDate: row.as_of_date,
    firstDate: row.first_date,
    madeFor: row.forecast_date,
    madeAs: row.forecast_as,
    dirtyPairs: Number(row.dirty),
  };
}

/**
 * Brings cancelled sales up to date for closed days before `asOfDate`: from `from` on for all pairs, and the whole
 * history of pairs whose closed days changed. `from` undefined: all anew. @throws TillcastError ETL_STALE, ETL_PG
 */
export async function refreshCancelledSales(
  db: Database,
  run: HeldRun,
  from: string | undefined,
  asOfDate: string,
): Promise<void> {
  await inTransaction(db, async (client) => {
    await client.query(`SET LOCAL work_mem = '128MB'`);
    if (from === undefined) await client.query('DELETE FROM cancelled_sale');
    else
      await client.query(
        'DELETE FROM cancelled_sale c USING forecast_dirty f WHERE (c.store_id, c.item_id) = (f.store_id, f.item_id)',
      );
    const find = sqlFile('forecast/cancelled_sales.sql');
    await query(client, find, [from ?? '0001-01-01', asOfDate, false]);
    if (from !== undefined) await query(client, find, ['0001-01-01', asOfDate, true]);
    await client.query('ANALYZE cancelled_sale');
    await holdRun(client, run);
  });
}

/** Demand of each store on closed days, `from` ≤ date < `until`, by store id. */
export async function storeHistories(db: Database, from: string, until: string): Promise<StoreHistory[]> {
  const rows = await query<{ store_id: number; days: number[]; units: number[] }>(
    db,
    sqlFile('forecast/store_days.sql'),
    [from, until],
  );
  return rows.map(({ store_id, days, units }) => ({
    storeId: store_id,
    days: Int32Array.from(days),
    units: Float64Array.from(units),
  }));
}

/** Two years for seasons and origins, and the months that those need. */
const historyDays = 1_130;

/** From when on a forecast looks at closed days. */
export function historyFrom(asOfDate: string): string {
  return dateOf(dayNumber(asOfDate) - historyDays);
}

/** First closed day of any store in the histories. */
export function firstDayOf(stores: readonly StoreHistory[], asOfDate: string): number {
  return Math.min(dayNumber(asOfDate), ...stores.map(({ days }) => days[0] ?? dayNumber(asOfDate)));
}

/** Who supplies an item, for rules by supplier; items without one are left out. */
export async function itemSuppliers(db: Database): Promise<Map<number, string>> {
  const rows = await query<{ item_id: number; supplier_id: string }>(
    db,
    'SELECT item_id, supplier_id FROM item WHERE supplier_id IS NOT NULL',
  );
  return new Map(rows.map(({ item_id, supplier_id }) => [item_id, supplier_id]));
}
