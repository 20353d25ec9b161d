import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Papa from 'papaparse';
import type pg from 'pg';
import { type Expected, expected, expectedCombined, identityOfRow, type OracleRow } from '../support/oracle.ts';
import { mongoDifferences } from './checkMongo.ts';
import { listDifferences, mapDifferences, missing, words } from './compare.ts';
import type { Stores } from './stores.ts';

/** What a check found. `lost` and `double` are events; everything else that is not right is told in words. */
export type Findings = Readonly<{ events: number; lost: number; double: number; differences: readonly string[] }>;

/** Where a dataset lies: the folder of its CSVs, its schema and its MongoDB database have one name. */
export type Place = Readonly<{ db: pg.Pool; mongodbUrl: string; name: string; outputDir: string; stores: Stores }>;

/** Compares all that a dataset holds with the oracle's reading of what the stores delivered. No code of lib/ or jobs/. */
export async function check(place: Place): Promise<Findings> {
  const oracle = expected(place.stores.truthDir);
  const held = await eventsOf(place.db);
  const lost = missing(oracle.events, held);
  const double = missing(held, oracle.events);
  const differences = [
    ...lost.map((event) => `lost: ${event}`),
    ...double.map((event) => `counted twice or never delivered: ${event}`),
    ...(await totals(place, oracle)),
    ...(await rejects(place)),
    ...(await ledger(place, oracle.events.length)),
    ...(await offsets(place)),
    ...(await mongoDifferences(place.mongodbUrl, place.name, oracle)),
    ...csvDifferences(place.outputDir, oracle),
  ];
  return { events: oracle.events.length, lost: lost.length, double: double.length, differences };
}

async function eventsOf(db: pg.Pool): Promise<string[]> {
  const { rows } = await db.query<{ event: string }>(`
    SELECT concat_ws(' ', CASE WHEN is_count THEN 'count' ELSE 'change' END, store_id, item_id,
             to_char(date_time, 'YYYY-MM-DD HH24:MI:SS'), quantity, coalesce(change_type_id::text, ''),
             coalesce(trans_id, ''), coalesce(employee_id, '')) AS event
    FROM inventory_event`);
  return rows.map(({ event }) => event);
}

async function totals({ db }: Place, oracle: Expected): Promise<string[]> {
  const { rows } = await db.query<{ pair: string; values: string }>(`
    SELECT store_id || '|' || item_id AS pair,
           concat_ws(' ', 'delta', delta_quantity, 'final', final_quantity, 'counted', snapshot_quantity) AS values
    FROM store_item`);
  const wanted = oracle.inventory_current.map((row) => ({
    pair: `${row.store_id}|${row.item_id}`,
    values: words('delta', row.delta_quantity, 'final', row.final_quantity, 'counted', row.snapshot_quantity),
  }));
  return mapDifferences('store_item', rows, wanted);
}

async function rejects({ db, stores }: Place): Promise<string[]> {
  const { rows } = await db.query<{ pair: string; values: string }>(
    `SELECT file || '|' || line AS pair, count(*)::text AS values FROM rejected_row WHERE applied GROUP BY file, line`,
  );
  const must = stores.rejects();
  const may = stores.possibleRejects();
  const wanted = new Map([...must].map(([pair, times]) => [pair, String(times)]));
  for (const { pair, values } of rows) {
    if (Number(values) > (must.get(pair) ?? 0) && Number(values) <= (may.get(pair) ?? 0)) wanted.set(pair, values);
  }
  return mapDifferences(
    'rejected_row',
    rows,
    [...wanted].map(([pair, values]) => ({ pair, values })),
  );
}

/** No run is left open, and what the runs say they brought is what is there. */
async function ledger({ db }: Place, events: number): Promise<string[]> {
  const { rows } = await db.query<{ open: string; rows_new: string; odd: string; unapplied: string }>(`
    SELECT count(*) FILTER (WHERE finished_at IS NULL)::text AS open,
           coalesce(sum(rows_new), 0)::text AS rows_new,
           count(*) FILTER (WHERE applied_at IS NOT NULL
             AND rows_read <> rows_new + rows_duplicate + rows_rejected)::text AS odd,
           (SELECT count(*)::text FROM rejected_row WHERE NOT applied) AS unapplied
    FROM run`);
  const found = JSON.stringify(rows[0]);
  const wanted = JSON.stringify({ open: '0', rows_new: String(events), odd: '0', unapplied: '0' });
  return found === wanted ? [] : [`the ledger says ${found}, expected ${wanted}`];
}

/** The ranges of all runs, one behind the other, from 0 to where the next run begins. */
async function offsets({ db }: Place): Promise<string[]> {
  const { rows } = await db.query<{ topic: string; partition: number; next: string; ranges: string[] }>(`
    SELECT o.topic, o.partition, o.next_offset::text AS next,
           coalesce(array_agg(r.from_offset || '-' || r.to_offset ORDER BY r.from_offset)
             FILTER (WHERE r.topic IS NOT NULL), '{}') AS ranges
    FROM topic_offset o LEFT JOIN run_range r USING (topic, partition)
    GROUP BY o.topic, o.partition, o.next_offset`);
  return rows.flatMap(({ topic, partition, next, ranges }) => {
    const edges = ['0', ...ranges.flatMap((range) => range.split('-')), next];
    const tiles = edges.every((edge, at) => at % 2 === 0 || edges[at - 1] === edge);
    return tiles ? [] : [`offsets of ${topic}/${partition} do not tile to ${next}: ${ranges.join(' ')}`];
  });
}

function csvDifferences(outputDir: string, oracle: Expected): string[] {
  const found: string[] = [];
  for (const name of ['delta_quantity', 'inventory_current', 'sales_daily', 'sales_hourly', 'stocktake'] as const) {
    const columns = Object.keys(oracle[name][0] ?? {});
    const rows = csvRows(join(outputDir, `${name}.csv`)).map((row) => line(columns, row));
    found.push(
      ...listDifferences(
        `${name}.csv`,
        rows,
        oracle[name].map((row) => line(columns, row)),
      ),
    );
  }
  const archive = join(outputDir, 'archive');
  const months = existsSync(archive) ? readdirSync(archive) : [];
  const archived = months.filter((name) => name.endsWith('.csv')).flatMap((name) => csvRows(join(archive, name)));
  const closed = new Set(months.map((name) => name.slice(9, 16)));
  const open = csvRows(join(outputDir, 'combined.csv')).filter((row) => !closed.has((row.date_time ?? '').slice(0, 7)));
  const history = [...archived, ...open].sort(inRunningOrder);
  const identities = history.map(identityOfRow);
  found.push(...missing(oracle.events, identities).map((event) => `not in combined.csv and archive/: ${event}`));
  found.push(...missing(identities, oracle.events).map((event) => `too often in combined.csv and archive/: ${event}`));
  const columns = ['event_id', 'final_quantity', 'source_type', 'units_sold'];
  const wanted = new Map(
    expectedCombined(history).map((row) => [row.event_id, line(columns, { ...row, event_id: row.event_id ?? '' })]),
  );
  const wrong = history.filter((row) => wanted.get(row.event_id ?? '') !== line(columns, row));
  found.push(...wrong.map((row) => `combined: ${line(columns, row)}, expected ${wanted.get(row.event_id ?? '')}`));
  const [info] = csvRows(join(outputDir, 'run_info.csv'));
  if (info?.state !== 'complete') found.push(`run_info.csv says ${info?.state}, expected complete`);
  const left = [...readdirSync(outputDir), ...months].filter((name) => name.includes('.next'));
  if (left.length > 0) found.push(`left in the output folder: ${left.join(', ')}`);
  return found;
}

function inRunningOrder(a: OracleRow, b: OracleRow): number {
  const key = (row: OracleRow) => `${row.date_time} ${row.event_id}`;
  return key(a) < key(b) ? -1 : 1;
}

function csvRows(path: string): OracleRow[] {
  const text = readFileSync(path, 'utf8').replace('\ufeff', '');
  return Papa.parse<OracleRow>(text, { header: true, skipEmptyLines: true }).data;
}

function line(columns: readonly string[], row: OracleRow): string {
  return columns.map((column) => `${column}=${row[column] ?? 'MISSING'}`).join(' ');
}
