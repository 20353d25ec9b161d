import { type Database, query } from '../../../lib/postgres/pool.ts';

/** What can be summed: every event, one delta per batch and pair, or the total kept per pair. */
export type Source = 'events' | 'deltas' | 'totals';

export type Layout = Readonly<{
  source: Source;
  name: string;
  table: string;
  /** One more index, for the time of the measurement: what stands behind `CREATE INDEX … ON table`. */
  index?: string;
  /** The planner is told how many pairs there are (CREATE STATISTICS); else it multiplies stores by items. */
  statistics?: true;
  /** The table is a copy of store_item made for the measurement, with tillcast's own indexes or bare. */
  copy?: 'own indexes' | 'bare';
  /** It is what tillcast does. */
  own?: true;
}>;

const pair = '(store_id, item_id)';
const total = { source: 'totals', table: 'bench_total' } as const;

/** In each source the first has no index at all: the others are compared with it. */
export const layouts: readonly Layout[] = [
  { source: 'events', name: 'no index', table: 'bench_event' },
  { source: 'events', name: 'btree', table: 'bench_event', index: pair },
  { source: 'events', name: 'btree, statistics', table: 'bench_event', index: pair, statistics: true },
  { source: 'events', name: 'covering', table: 'bench_event', index: `${pair} INCLUDE (quantity, is_count)` },
  { source: 'events', name: 'BRIN', table: 'bench_event', index: `USING brin ${pair}` },
  { source: 'events', name: 'by month', table: 'bench_event_monthly' },
  { source: 'events', name: 'by month, key', table: 'inventory_event', own: true },
  { source: 'events', name: 'by month, key, statistics', table: 'inventory_event', statistics: true },
  { source: 'deltas', name: 'no index', table: 'bench_delta' },
  { source: 'deltas', name: 'btree', table: 'bench_delta', index: pair },
  { source: 'deltas', name: 'covering', table: 'bench_delta', index: `${pair} INCLUDE (delta_quantity)` },
  { source: 'deltas', name: 'BRIN', table: 'bench_delta', index: `USING brin ${pair}` },
  { source: 'deltas', name: 'key, btree', table: 'run_delta', own: true },
  { source: 'deltas', name: 'key, btree, statistics', table: 'run_delta', statistics: true },
  { ...total, name: 'no index', copy: 'bare' },
  { ...total, name: 'key', copy: 'own indexes', own: true },
  { ...total, name: 'key, covering', copy: 'own indexes', index: `${pair} INCLUDE (delta_quantity)` },
  { ...total, name: 'key, by total', copy: 'own indexes', index: '(delta_quantity, store_id, item_id)' },
  { ...total, name: 'key, BRIN', copy: 'own indexes', index: 'USING brin (delta_quantity)' },
];

/** The indexes in words, for the page. */
export function indexesOf({ table, index, copy }: Layout): string {
  if (table === 'inventory_event') return 'a partition a month, primary key (store_id, item_id, date_time, event_id)';
  if (table === 'bench_event_monthly') return 'a partition a month';
  if (table === 'run_delta') return `primary key (run_seq, store_id, item_id), ${pair}`;
  const key = copy === 'own indexes' ? [`primary key ${pair}`] : [];
  return [...key, ...(index === undefined ? [] : [index])].join(', ') || 'none';
}

/** Makes the layout, runs `work` on it, and removes what was made. */
export async function withLayout<T>(db: Database, layout: Layout, work: () => Promise<T>): Promise<T> {
  const { table, index, copy, statistics } = layout;
  if (copy !== undefined) {
    const like = copy === 'bare' ? 'INCLUDING DEFAULTS' : 'INCLUDING ALL';
    await query(db, `CREATE TABLE ${table} (LIKE store_item ${like}) WITH (fillfactor = 80, autovacuum_enabled = off)`);
    // As it was filled: pairs in the order of their first event.
    await query(db, `INSERT INTO ${table} SELECT * FROM store_item ORDER BY first_event_time, store_id, item_id`);
  }
  try {
    if (index !== undefined) await query(db, `CREATE INDEX bench_index ON ${table} ${index}`);
    if (statistics) {
      await query(db, `CREATE STATISTICS bench_statistics (ndistinct) ON store_id, item_id FROM ${table}`);
    }
    await query(db, `VACUUM ANALYZE ${table}`);
    return await work();
  } finally {
    await query(db, 'DROP STATISTICS IF EXISTS bench_statistics');
    await query(db, copy === undefined ? 'DROP INDEX IF EXISTS bench_index' : `DROP TABLE ${table}`);
  }
}

export type Size = Readonly<{ rows: number; tableBytes: number; indexBytes: number }>;

/** Of the table, over its partitions; `indexBytes`: of all its indexes together. */
export async function sizeOf(db: Database, table: string): Promise<Size> {
  const [size] = await query<Size>(
    db,
    `SELECT sum(pg_table_size(relid))::bigint AS "tableBytes", sum(pg_indexes_size(relid))::bigint AS "indexBytes",
            (SELECT count(*) FROM ${table}) AS rows
     FROM (SELECT $1::text::regclass AS relid UNION ALL
           SELECT inhrelid FROM pg_inherits WHERE inhparent = $1::text::regclass) parts`,
    [table],
  );
  if (size === undefined) throw new Error(`no table ${table}`);
  return size;
}
