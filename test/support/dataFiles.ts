import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The data files of product.md: the same events give the same bytes in them, run_id (in archive/ as_of_utc too) aside. */
const names = [
  'combined',
  'delta_quantity',
  'inventory_current',
  'stocktake',
  'sales_daily',
  'sales_hourly',
  'forecast',
  'forecast_accuracy',
  'cluster_profile',
  'dim_item',
  'dim_store',
  'dim_date',
];

/** Each data file's text without the columns that may differ, by name. */
export function dataFiles(outputDir: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const name of names)
    files.set(`${name}.csv`, without(readFileSync(join(outputDir, `${name}.csv`), 'utf8'), ['run_id']));
  for (const name of readdirSync(join(outputDir, 'archive')).sort()) {
    files.set(
      `archive/${name}`,
      without(readFileSync(join(outputDir, 'archive', name), 'utf8'), ['run_id', 'as_of_utc']),
    );
  }
  return files;
}

/** run_id and as_of_utc stand last and never hold a comma, so they are cut from the end of each line. */
function without(text: string, columns: readonly string[]): string {
  return text
    .split('\n')
    .map((line) => {
      const at = line.lastIndexOf(',');
      const before = line.lastIndexOf(',', at - 1);
      if (at < 0) return line;
      return columns.includes('as_of_utc') ? line.slice(0, before) : line.slice(0, before) + line.slice(at);
    })
    .join('\n');
}
