import { firstItemId, itemName, itemsByPopularity } from './catalogue.ts';
import { salesShares } from './demand.ts';
import { changeTypes, fileStart, lineEnd } from './exportLines.ts';
import type { SimulatorOptions } from './options.ts';
import { Random } from './random.ts';
import { popularityTable } from './shelf.ts';
import { listStores } from './stores.ts';

/** The three reference files as [name, content]: stores with their time zones, items, change types. */
export function referenceFiles(options: SimulatorOptions): readonly (readonly [string, string])[] {
  const stores = listStores(options.stores, options.seed).map(({ id, name, timeZone }) => [id, name, timeZone]);
  const types = Object.entries(changeTypes).map(([name, id]) => [id, name]);
  return [
    ['store.csv', csv(['store_id', 'name', 'timezone'], stores)],
    ['item.csv', csv(['item_id', 'name', 'supplier_id', 'safety_stock_quantity'], listItems(options))],
    ['inventory_change_type.csv', csv(['change_type_id', 'change_type'], types)],
  ];
}

/** Items in order of id; the safety stock covers about three days of an average store, in fives from ten on. */
function listItems(options: SimulatorOptions): readonly Cell[][] {
  const { items, seed, stores } = options;
  const table = popularityTable(items);
  const shopShare = (1 - (salesShares(listStores(stores, seed))[0] ?? 0)) / stores;
  const unitsPerDay = options.rowsPerHour * 24 * shopShare;
  const suppliers = Math.max(1, Math.ceil(Math.sqrt(items)));
  const random = new Random(seed ^ 0x50bb, 0, 0);
  const rows: Cell[][] = new Array(items);
  itemsByPopularity(items, seed).forEach((index, rank) => {
    const weight = (table[rank] ?? 0) - (rank === 0 ? 0 : (table[rank - 1] ?? 0));
    const units = 1 + 3 * unitsPerDay * (weight / (table[items - 1] ?? 1));
    const safety = units < 10 ? Math.ceil(units) : Math.ceil(units / 5) * 5;
    rows[index] = [firstItemId + index, itemName(index), 100 + random.below(suppliers), safety];
  });
  return rows;
}

type Cell = string | number;

function csv(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const line = (cells: readonly Cell[]) => cells.map(quoted).join(',') + lineEnd;
  return fileStart + line(header) + rows.map(line).join('');
}

/** RFC 4180: a field with a comma or a quote stands in quotes. */
function quoted(cell: Cell): string {
  const text = String(cell);
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
