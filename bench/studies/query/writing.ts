import { connect, type Database, query } from '../../../lib/postgres/pool.ts';
import type { Layout } from './layouts.ts';
import { explained } from './reading.ts';

const repeats = 3;

/**
 * What the layout costs to keep while `more` further events come: milliseconds of the server, the fastest of three. Events
 * and deltas are appended; totals are upserted batch by batch, as a run does. Undefined where nothing can be upserted.
 */
export async function writeLayout(db: Database, layout: Layout, more: number, perBatch: number) {
  if (layout.copy === 'bare') return undefined;
  return layout.source === 'totals' ? upserted(db, layout.table, more, perBatch) : appended(db, layout, more, perBatch);
}

async function appended(db: Database, { source, table }: Layout, more: number, perBatch: number): Promise<number> {
  const client = await connect(db);
  const times: number[] = [];
  try {
    // Else the first layout would pay for the log of pages touched before.
    await query(client, 'CHECKPOINT');
    await query(client, 'BEGIN');
    for (let repeat = 0; repeat < repeats; repeat++) {
      const [from, to] = runsOf(repeat, more, perBatch);
      const text = `INSERT INTO ${table} SELECT * FROM ${source === 'events' ? 'bench_more' : 'bench_more_delta'}
                    WHERE run_seq - (SELECT max(run_seq) FROM bench_event) BETWEEN ${from} AND ${to}`;
      times.push((await explained(client, text, [])).ms);
    }
    await query(client, 'ROLLBACK');
    // What was taken back leaves the table, so that the next layout finds it as it was.
    await query(client, `VACUUM ${table}`);
  } finally {
    client.release(true);
  }
  return Math.min(...times);
}

async function upserted(db: Database, table: string, more: number, perBatch: number): Promise<number> {
  const client = await connect(db);
  const times: number[] = [];
  try {
    await query(client, 'CHECKPOINT');
    const [newest] = await query<{ run: number }>(client, 'SELECT max(run_seq)::bigint AS run FROM bench_event');
    for (let repeat = 0; repeat < repeats; repeat++) {
      const [from, to] = runsOf(repeat, more, perBatch);
      let sum = 0;
      for (let batch = from; batch <= to; batch++) {
        sum += (await explained(client, upsert(table), [Number(newest?.run) + batch])).ms;
      }
      times.push(sum);
    }
  } finally {
    client.release(true);
  }
  return Math.min(...times);
}

/** First and last batch of the repeat-th part of the further events. */
function runsOf(repeat: number, more: number, perBatch: number): [number, number] {
  const batches = Math.floor(more / perBatch);
  return [repeat * batches + 1, (repeat + 1) * batches];
}

const upsert = (table: string) => `
  INSERT INTO ${table} AS s (store_id, item_id, delta_quantity, first_event_time, last_event_time, event_count)
  SELECT store_id, item_id, delta_quantity, now(), now(), 1 FROM bench_more_delta
  WHERE run_seq = $1 ORDER BY store_id, item_id
  ON CONFLICT (store_id, item_id) DO UPDATE SET
    delta_quantity = s.delta_quantity + excluded.delta_quantity,
    last_event_time = greatest(s.last_event_time, excluded.last_event_time),
    event_count = s.event_count + excluded.event_count`;
