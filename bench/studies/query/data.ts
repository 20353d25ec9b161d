import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import copyStreams from 'pg-copy-streams';
import { connect, type Database, query } from '../../../lib/postgres/pool.ts';
import { exportHours } from '../../../local/simulator/simulator.ts';

/** How much is loaded: `events` raw rows, `perBatch` of them a batch; `more` further ones, three times, for writing. */
export type Amount = Readonly<{ events: number; perBatch: number; more: number }>;

export type Data = Readonly<{
  source: string;
  events: number;
  pairs: number;
  batches: number;
  deltas: number;
  months: number;
  /** The pair with the most events: what is asked for one pair is asked for it. */
  busiest: Readonly<{ store_id: number; item_id: number; events: number }>;
}>;

const realYear = join('..', 'shared', 'data', 'onlineretail-pos');
/** Where the real year is not at hand: about as many pairs. */
const simulated = { stores: 38, items: 520, days: 60, rowsPerHour: 150, seed: 1, startDate: '2026-01-05' };

/**
 * Fills a fresh dataset: `bench_event` (one plain table, in time order), `bench_event_monthly`, `bench_delta`, and the
 * dataset's own inventory_event, run_delta and store_item; `bench_more` and `bench_more_delta` hold what is written later.
 */
export async function loadData(db: Database, amount: Amount, say: (line: string) => void): Promise<Data> {
  const client = await connect(db);
  try {
    await client.query(`SET work_mem = '256MB'; SET maintenance_work_mem = '256MB'`);
    await client.query(`CREATE UNLOGGED TABLE bench_line (trans_id text, item_id bigint, store_id bigint,
                          date_time timestamp(0), quantity integer, change_type_id bigint)`);
    const source = existsSync(realYear) ? 'the real year' : 'simulated stores';
    for (const lines of existsSync(realYear) ? realFiles() : simulatedHours()) {
      await pipeline(lines, client.query(copyStreams.from('COPY bench_line FROM STDIN (FORMAT csv)')));
    }
    await client.query(ownSql('events.sql'));
    const { events, perBatch, more } = amount;
    say(`${events.toLocaleString('en')} events from ${source} …`);
    await query(client, 'INSERT INTO bench_event SELECT * FROM bench_events($1, $2, 0, 1, 0, 1)', [events, perBatch]);
    // Copies and times that no event above has, within three weeks: what comes next.
    await query(
      client,
      `INSERT INTO bench_more
       SELECT * FROM bench_events($1, $2, 1000, (SELECT max(run_seq) + 1 FROM bench_event), 104, 18)`,
      [3 * more, perBatch],
    );
    for (const [from, to] of [
      ['bench_event', 'bench_delta'],
      ['bench_more', 'bench_more_delta'],
    ]) {
      await query(client, `INSERT INTO ${to} ${deltasOf(from ?? '')}`);
    }
    await makePartitions(client);
    say('the same by month, with and without the key; deltas; totals …');
    await query(client, 'INSERT INTO bench_event_monthly SELECT * FROM bench_event');
    await query(client, 'INSERT INTO inventory_event SELECT * FROM bench_event');
    await query(client, 'INSERT INTO run_delta SELECT * FROM bench_delta');
    await client.query(ownSql('totals.sql'));
    await client.query('VACUUM ANALYZE');
    return { source, ...(await counted(client)) };
  } finally {
    client.release(true);
  }
}

function deltasOf(table: string): string {
  return `SELECT run_seq, store_id, item_id, sum(quantity) FROM ${table} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`;
}

async function makePartitions(client: Awaited<ReturnType<typeof connect>>): Promise<void> {
  const months = await query<{ month: string; from: string; to: string }>(
    client,
    `SELECT DISTINCT to_char(date_time, 'YYYY_MM') AS month, date_trunc('month', date_time)::date AS "from",
            (date_trunc('month', date_time) + interval '1 month')::date AS "to"
     FROM (SELECT date_time FROM bench_event UNION ALL SELECT date_time FROM bench_more) e`,
  );
  for (const { month, from, to } of months) {
    await query(client, 'SELECT ensure_event_partition($1)', [from]);
    await query(
      client,
      `CREATE TABLE bench_event_monthly_${month} PARTITION OF bench_event_monthly
       FOR VALUES FROM ('${from}') TO ('${to}') WITH (autovacuum_enabled = off)`,
    );
  }
}

async function counted(client: Awaited<ReturnType<typeof connect>>): Promise<Omit<Data, 'source'>> {
  const [counts] = await query<{ events: number; pairs: number; batches: number; deltas: number; months: number }>(
    client,
    `SELECT (SELECT count(*) FROM bench_event) AS events, (SELECT count(*) FROM store_item) AS pairs,
            (SELECT max(run_seq)::bigint FROM bench_event) AS batches, (SELECT count(*) FROM bench_delta) AS deltas,
            (SELECT count(DISTINCT date_trunc('month', date_time)) FROM bench_event) AS months`,
  );
  const [busiest] = await query<Data['busiest']>(
    client,
    'SELECT store_id, item_id, event_count AS events FROM store_item ORDER BY 3 DESC, 1, 2 LIMIT 1',
  );
  if (counts === undefined || busiest === undefined) throw new Error('no data were loaded');
  return { ...counts, busiest };
}

/** The change files without their header lines. */
function* realFiles(): Generator<Readable> {
  for (const name of readdirSync(realYear).sort()) {
    if (!/^inventory_change_(?!type)/.test(name)) continue;
    const path = join(realYear, name);
    const header = readFileSync(path).indexOf('\n') + 1;
    yield createReadStream(path, { start: header });
  }
}

function* simulatedHours(): Generator<Readable> {
  for (const { files } of exportHours(simulated)) {
    const texts = [...files].filter(([name]) => /^inventory_change_(?!type)/.test(name)).map(([, text]) => text);
    yield Readable.from(texts);
  }
}

function ownSql(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8');
}
