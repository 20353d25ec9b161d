import type pg from 'pg';
import { type Database, inTransaction, query } from './pool.ts';

/** One event as it is stored, with what it moves. Local times and ids as in the outputs. */
export type StoredEvent = Readonly<{
  kind: 'change' | 'count';
  eventId: string;
  dateTime: string;
  quantity: number;
  movesStock: boolean;
}>;

/** Everything PostgreSQL keeps of one pair: the maintained figures, and the events they must follow from. */
export type PairRecord = Readonly<{
  storeId: number;
  itemId: number;
  deltaQuantity: number | bigint | null;
  snapshotQuantity: number | bigint | null;
  finalQuantity: number | bigint | null;
  /** Closing stock by business date, for each day with an event. */
  closings: Readonly<Record<string, number | null>>;
  runDelta: number | bigint | null;
  daysDelta: number | bigint | null;
  events: readonly StoredEvent[];
}>;

type Row = Readonly<{
  store_id: number;
  item_id: number;
  delta_quantity: number | null;
  snapshot_quantity: number | null;
  final_quantity: number | null;
  closings: Record<string, number | null> | null;
  run_delta: number | null;
  days_delta: number | null;
  events: [boolean, string, string, number, boolean][] | null;
}>;

const fetchPairs = 200;

/** Streams every pair with its events, in key order, from one consistent view. Memory stays at some hundred pairs. */
export async function eachPair(db: Database, work: (pair: PairRecord) => Promise<void>): Promise<void> {
  await inTransaction(
    db,
    async (client) => {
      await client.query(`SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off`);
      await client.query(
        `DECLARE pairs NO SCROLL CURSOR FOR
         SELECT s.store_id, s.item_id, s.delta_quantity, s.snapshot_quantity, s.final_quantity,
                (SELECT json_object_agg(d.business_date, d.closing_quantity) FROM store_item_day d
                 WHERE d.store_id = s.store_id AND d.item_id = s.item_id) AS closings,
                (SELECT sum(r.delta_quantity)::bigint FROM run_delta r
                 WHERE r.store_id = s.store_id AND r.item_id = s.item_id) AS run_delta,
                (SELECT sum(d.delta_quantity)::bigint FROM store_item_day d
                 WHERE d.store_id = s.store_id AND d.item_id = s.item_id) AS days_delta,
                (SELECT json_agg(json_build_array(e.is_count, e.event_id, to_char(e.date_time, 'YYYY-MM-DD HH24:MI:SS'),
                                                  e.quantity, e.move_quantity <> 0 OR e.quantity = 0))
                 FROM classified_event e WHERE e.store_id = s.store_id AND e.item_id = s.item_id) AS events
         FROM store_item s ORDER BY s.store_id, s.item_id`,
      );
      for (;;) {
        const rows = await nextRows(client);
        if (rows.length === 0) return;
        for (const row of rows) await work(pairOf(row));
      }
    },
    { begin: 'BEGIN ISOLATION LEVEL REPEATABLE READ' },
  );
}

function nextRows(client: pg.PoolClient): Promise<Row[]> {
  return query<Row>(client, `FETCH ${fetchPairs} FROM pairs`);
}

function pairOf(row: Row): PairRecord {
  return {
    storeId: row.store_id,
    itemId: row.item_id,
    deltaQuantity: row.delta_quantity,
    snapshotQuantity: row.snapshot_quantity,
    finalQuantity: row.final_quantity,
    closings: row.closings ?? {},
    runDelta: row.run_delta,
    daysDelta: row.days_delta,
    events: (row.events ?? []).map(([isCount, eventId, dateTime, quantity, movesStock]) => ({
      kind: isCount ? 'count' : 'change',
      eventId,
      dateTime,
      quantity,
      movesStock,
    })),
  };
}

/** Partitions whose run ranges do not tile from the first to the stored offset: a gap, an overlap, a missing end. */
export async function untiledOffsets(db: Database): Promise<string[]> {
  const rows = await query<{ problem: string }>(
    db,
    `WITH ranges AS (
       SELECT topic, partition, from_offset, to_offset,
              lag(to_offset) OVER (PARTITION BY topic, partition ORDER BY from_offset) AS before_to
       FROM run_range)
     SELECT topic || '/' || partition || ': offsets ' || before_to || ' to ' || from_offset || ' belong to no run, or to two'
       AS problem
     FROM ranges WHERE before_to IS NOT NULL AND before_to <> from_offset
     UNION ALL
     SELECT o.topic || '/' || o.partition || ': stored offset ' || o.next_offset || ', ranges end at ' ||
            coalesce(max(r.to_offset)::text, 'nothing')
     FROM topic_offset o LEFT JOIN run_range r USING (topic, partition)
     GROUP BY o.topic, o.partition, o.next_offset
     HAVING o.next_offset IS DISTINCT FROM max(r.to_offset)`,
  );
  return rows.map((row) => row.problem);
}

/** Whether events stand there that no pair's totals count, or the other way round. */
export async function uncountedEvents(db: Database): Promise<string[]> {
  const rows = await query<{ problem: string }>(
    db,
    `SELECT 'PostgreSQL holds ' || e.events || ' events, its pairs count ' || s.counted AS problem
     FROM (SELECT count(*) AS events FROM inventory_event) e,
          (SELECT coalesce(sum(event_count), 0) AS counted FROM store_item) s
     WHERE e.events <> s.counted`,
  );
  return rows.map((row) => row.problem);
}

/** Numbers for the report of `verify`. */
export async function storedCounts(db: Database): Promise<{ events: number; pairs: number; offsets: number }> {
  const [row] = await query<{ events: number; pairs: number; offsets: number }>(
    db,
    `SELECT (SELECT count(*) FROM inventory_event) AS events, (SELECT count(*) FROM store_item) AS pairs,
            (SELECT coalesce(sum(to_offset - from_offset), 0)::bigint FROM run_range) AS offsets`,
  );
  return row ?? { events: 0, pairs: 0, offsets: 0 };
}
