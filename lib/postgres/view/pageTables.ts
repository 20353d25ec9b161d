import type pg from 'pg';
import { asTillcastError, type Database } from '../pool.ts';
import { type PublicationClock, type PublicationInput, prepareOutputs } from '../publication.ts';
import { forecastSelect, outputSelect } from './outputSelect.ts';
import { pageRows } from './pageRows.ts';
import { openSession } from './session.ts';
import { beginIn } from './snapshotRead.ts';

/**
 * What is costly or has no index of its own, made once for each view: the rows of inventory_current.csv and of small
 * outputs, as temporary tables of one connection. They are read without the snapshot: their rows are younger than it.
 */
export type PageTables = Readonly<{
  clock: PublicationClock;
  read<Row extends object = Record<string, unknown>>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Rows as PostgreSQL writes them in text, some thousand at a time; others may read in between. */
  texts(sql: string, values: readonly unknown[]): AsyncGenerator<Texts>;
  alive(): boolean;
  close(): void;
}>;

export type Texts = Readonly<{ columns: readonly string[]; rows: readonly (string | null)[][] }>;

const tables = {
  page_pair: () => outputSelect('inventory_current'),
  page_upper_forecast: () => forecastSelect('forecast_store'),
  page_accuracy: () => outputSelect('forecast_accuracy'),
  page_history: () => outputSelect('forecast_history'),
  page_quality: () => outputSelect('data_quality'),
  page_cluster: () => outputSelect('cluster_profile'),
} as const;

const indexes = `
CREATE UNIQUE INDEX ON page_pair (store_id, item_id);
CREATE INDEX ON page_pair (item_id);
CREATE INDEX ON page_pair (low_stock_rank);
ANALYZE page_pair`;

const statementTimeoutMs = 6_000;
/** 100,000 pairs take about a second. A rebuild (another online store) waits for it, as it empties what is read here. */
const fillTimeoutMs = 30_000;

/** Makes the tables from the state of `snapshot`. @throws TillcastError ETL_PG */
export async function openPageTables(
  db: Database,
  snapshot: string,
  input: Omit<PublicationInput, 'snapshot'>,
): Promise<PageTables> {
  const session = await openSession(db, 'tillcast-pages');
  const { client } = session;
  try {
    const clock = await fill(client, snapshot, input);
    const inTurn = oneAtATime();
    return {
      clock,
      read: (sql, values = []) => inTurn(() => pageRows(client, sql, values)),
      texts: (sql, values) => textsOf(client, inTurn, sql, values),
      alive: session.alive,
      close: session.close,
    };
  } catch (error) {
    session.close();
    throw asTillcastError(error, 'making the tables of the pages');
  }
}

/** One connection takes one statement: who comes next waits, each takes milliseconds. */
function oneAtATime(): <T>(ask: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (ask) => {
    const answer = last.then(ask);
    last = answer.catch(() => undefined);
    return answer;
  };
}

const rowsAtOnce = 2_000;
let cursors = 0;

/** By a cursor that PostgreSQL holds: sorted once, and whoever reads slowly keeps nobody waiting. */
async function* textsOf(
  client: pg.ClientBase,
  inTurn: ReturnType<typeof oneAtATime>,
  sql: string,
  values: readonly unknown[],
): AsyncGenerator<Texts> {
  cursors += 1;
  const cursor = `page_rows_${cursors}`;
  const asText = { getTypeParser: () => (text: string) => text } as never;
  try {
    const declare = `DECLARE ${cursor} NO SCROLL CURSOR WITH HOLD FOR ${sql}`;
    await inTurn(() => client.query({ text: declare, values: [...values] }));
    for (let first = true; ; first = false) {
      const text = `FETCH ${rowsAtOnce} FROM ${cursor}`;
      const { fields, rows } = await inTurn(() =>
        client.query<(string | null)[]>({ text, rowMode: 'array', types: asText }),
      );
      if (first || rows.length > 0) yield { columns: fields.map(({ name }) => name), rows };
      if (rows.length < rowsAtOnce) break;
    }
  } catch (error) {
    throw asTillcastError(error, 'reading rows for a download');
  } finally {
    await inTurn(() => client.query(`CLOSE ${cursor}`)).catch(() => undefined);
  }
}

async function fill(
  client: pg.ClientBase,
  snapshot: string,
  input: Omit<PublicationInput, 'snapshot'>,
): Promise<PublicationClock> {
  await client.query(beginIn(snapshot, 'READ WRITE', fillTimeoutMs));
  const clock = await prepareOutputs(client, input);
  for (const [name, select] of Object.entries(tables)) {
    await client.query(`CREATE TEMP TABLE ${name} ON COMMIT PRESERVE ROWS AS\n${select()}`);
  }
  await client.query('COMMIT');
  await client.query(`${indexes}; SET statement_timeout = ${statementTimeoutMs}`);
  return clock;
}
