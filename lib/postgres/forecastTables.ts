import { CopyIn } from './copyIn.ts';
import { type HeldRun, holdRun } from './heldRun.ts';
import { type Database, inTransaction, query } from './pool.ts';
import { sqlFile } from './sqlFile.ts';

/** Cells of a row in the order of the table's columns; undefined and NaN are null, numbers get at most 3 decimals. */
export type Cells = readonly (string | number | undefined)[];

export type ForecastTable = 'forecast_pair' | 'forecast_sum' | 'forecast_accuracy';

const columns: Readonly<Record<ForecastTable, string>> = {
  forecast_pair: `store_id, item_id, status, demand_class, daily_units, current_units, current_lower, current_upper,
    next_units, next_lower, next_upper, last_month_units, mean_28d_units, lost_units, safety_stock, reorder_point,
    order_up_to, pack_size, abc_class, xyz_class`,
  forecast_sum: `level, store_id, item_id, current_units, current_lower, current_upper, next_units, next_lower,
    next_upper, last_month_units, mean_28d_units`,
  forecast_accuracy: `level, class, model, target, month, origins, n, wape, bias, mase, rmsse, pinball, coverage,
    skill_last_month, skill_mean_28d, skill_linear, skill_run_rate`,
};

/**
 * Replaces the forecast whole, for the run's holder alone: `work` writes the tables, one after the other. At its end no
 * pair is dirty but by later runs, the forecast of next month is noted in the history, and it stands for `asOfDate` and `madeAs`.
 * @throws TillcastError ETL_STALE, ETL_PG
 */
export async function replaceForecast(
  db: Database,
  run: HeldRun,
  made: Readonly<{ asOfDate: string; madeAs: string }>,
  work: (write: (table: ForecastTable) => TableWriter) => Promise<void>,
): Promise<void> {
  await inTransaction(db, async (client) => {
    await client.query('SET LOCAL idle_in_transaction_session_timeout = 0');
    await client.query('DELETE FROM forecast_pair; DELETE FROM forecast_sum; DELETE FROM forecast_accuracy');
    await work((table) => tableWriter(new CopyIn(client, `COPY ${table} (${columns[table]}) FROM STDIN`)));
    await query(client, sqlFile('forecast/history.sql'), [made.asOfDate]);
    await query(client, 'DELETE FROM forecast_dirty WHERE run_seq <= $1', [run.run_seq]);
    await query(client, 'UPDATE dataset SET forecast_date = $1, forecast_as = $2', [made.asOfDate, made.madeAs]);
    await holdRun(client, run);
  });
  await query(db, 'VACUUM (ANALYZE) forecast_pair');
}

/** A COPY into one of the tables; one at a time. */
export type TableWriter = Readonly<{
  write(cells: Cells): Promise<void>;
  end(): Promise<void>;
}>;

function tableWriter(copy: CopyIn): TableWriter {
  return { write: (cells) => copy.write(`${cells.map(cellText).join('\t')}\n`), end: () => copy.end() };
}

function cellText(cell: string | number | undefined): string {
  if (cell === undefined || Number.isNaN(cell)) return '\\N';
  return typeof cell === 'string' ? cell : String(Math.round(cell * 1000) / 1000 + 0);
}
