import type { Readable } from 'node:stream';
import pg from 'pg';
import copyStreams from 'pg-copy-streams';
import { type HeldRun, holdRun } from './heldRun.ts';
import { type Database, inTransaction, query } from './pool.ts';
import { sqlFile } from './sqlFile.ts';
import { type FitTrend, upperTrends } from './trends.ts';

export type PublicationInput = Readonly<{
  runId: string;
  combinedDays: number;
  dailyDays: number;
  timeZone: string;
  escapeFormulas: boolean;
  silentDays: number;
  fitTrend: FitTrend;
  /** Another publication's `snapshot`: then both see the same state. */
  snapshot?: string;
}>;

/** The data's clock at a publication: dates `yyyy-MM-dd`, null before the first event. */
export type PublicationClock = Readonly<{
  asOfUtc: string | null;
  asOfDate: string | null;
  openMonth: string | null;
  forecastMonth: string | null;
  combinedFrom: string | null;
}>;

export const outputNames = [
  'delta_quantity',
  'inventory_current',
  'sales_daily',
  'sales_hourly',
  'forecast',
  'forecast_accuracy',
  'forecast_history',
  'cluster_profile',
  'stocktake',
  'dim_item',
  'dim_store',
  'dim_date',
  'data_quality',
  'rejected_rows',
  'latency',
] as const;
export type OutputName = (typeof outputNames)[number];

/** Statements that write an output one after the other: forecast.csv level by level, with one header. */
function statementsOf(name: OutputName): string[] {
  const sql = sqlFile(`outputs/${name}.sql`);
  if (name !== 'forecast') return [sql];
  return ['forecast_item', 'forecast_item_store', 'forecast_store'].map((level, at) => {
    const whole = sql.replace('\nLEVEL\n', () => `\n${sqlFile(`outputs/${level}.sql`)}`);
    return at === 0 ? whole : whole.replace(/, HEADER\)\s*$/, ')');
  });
}

/** One consistent view of the database, from which every output of a run is copied. CSV with header, UTF-8, LF. */
export type Publication = Readonly<{
  clock: PublicationClock;
  /** Hands this view on to a publication on another connection, so that two write at once. */
  snapshot: string;
  copy(name: OutputName): AsyncIterable<Buffer>;
  /** Events with `from <= local time < to` (local times); `archive` leaves forecast and rank columns empty. */
  copyEvents(from: string, to: string, archive: boolean): AsyncIterable<Buffer>;
}>;

/**
 * Opens one repeatable-read transaction for all outputs of a run, so that no two files tell of different states.
 * @throws TillcastError ETL_PG
 */
export async function withPublication<T>(
  db: Database,
  input: PublicationInput,
  work: (publication: Publication) => Promise<T>,
): Promise<T> {
  return inTransaction(
    db,
    async (client) => {
      // A literal, as PostgreSQL takes no parameter here; its form is PostgreSQL's own.
      if (input.snapshot !== undefined) {
        await client.query(`SET TRANSACTION SNAPSHOT ${pg.escapeLiteral(input.snapshot)}`);
      }
      const [exported] = await query<{ snapshot: string }>(client, 'SELECT pg_export_snapshot() AS snapshot');
      // While one connection writes the other may idle longer than any transaction otherwise should.
      await client.query('SET LOCAL idle_in_transaction_session_timeout = 0');
      const clock = await prepareOutputs(client, input);
      let pairsMade: Promise<unknown> | undefined;
      return work({
        clock,
        snapshot: exported?.snapshot ?? '',
        async *copy(name) {
          for (const sql of statementsOf(name)) yield* copyOut(client, sql);
        },
        async *copyEvents(from, to, archive) {
          pairsMade ??= client.query(sqlFile('outputs/00_pairs.sql'));
          await pairsMade;
          await query(
            client,
            `SELECT set_config('publish.from_time', $1, true), set_config('publish.to_time', $2, true),
                    set_config('publish.archive', $3, true)`,
            [from, to, archive],
          );
          yield* copyOut(client, sqlFile('outputs/events.sql'));
        },
      });
    },
    { begin: 'BEGIN ISOLATION LEVEL REPEATABLE READ' },
  );
}

/** Makes what all outputs of one transaction share: its context, windows, low-stock ranks and the upper trends. */
export async function prepareOutputs(
  client: pg.ClientBase,
  input: Omit<PublicationInput, 'snapshot'>,
): Promise<PublicationClock> {
  await client.query(`SET LOCAL work_mem = '128MB'`);
  await client.query(sqlFile('outputs/00_tables.sql'));
  await query(client, sqlFile('outputs/00_context.sql'), [
    input.runId,
    input.combinedDays,
    input.dailyDays,
    input.timeZone,
    input.escapeFormulas,
    input.silentDays,
  ]);
  // One row each: unanalysed, the planner takes them for hundreds.
  await client.query('ANALYZE publish_context');
  await client.query(sqlFile('outputs/00_settings.sql'));
  await client.query(sqlFile('outputs/00_low_stock.sql'));
  const clock = await readClock(client);
  await upperTrends(client, clock.openMonth, input.fitTrend);
  return clock;
}

/** The output folder may hold files of two states: the next publication writes all of them again, closed months too. */
export async function forgetPublished(db: Database): Promise<void> {
  await query(db, 'UPDATE dataset SET published_as = NULL');
}

/** A connection that is lost before anybody reads must not end the process: the reader gets the error when it comes. */
function copyOut(client: pg.PoolClient, sql: string): Readable {
  const rows = client.query(copyStreams.to(sql));
  return rows.on('error', (error: Error) => rows.destroy(error));
}

/** Records what stands in the output folder now, for the run's holder alone: these archive months are clean, this date is published. */
export async function notePublished(
  db: Database,
  run: HeldRun,
  asOfDate: string | null,
  archivedMonths: readonly string[],
  namesWritten: boolean,
  publishedAs: string,
): Promise<void> {
  await inTransaction(db, async (client) => {
    await holdRun(client, run);
    await query(client, 'UPDATE archive_month SET dirty = false WHERE month = ANY ($1::date[])', [archivedMonths]);
    await query(
      client,
      `UPDATE dataset SET names_changed = names_changed AND NOT $2,
              published_date = greatest(published_date, $1::date), published_as = $3`,
      [asOfDate, namesWritten, publishedAs],
    );
  });
}

/** Closed months with events, and which of them have an archive file that no longer tells the truth. */
export async function archiveMonths(db: Database): Promise<{ month: string; dirty: boolean }[]> {
  return query(
    db,
    `SELECT a.month, a.dirty OR (d.names_changed AND c.as_of::date > coalesce(d.published_date, 'infinity')) AS dirty
     FROM archive_month a CROSS JOIN dataset d CROSS JOIN (SELECT max(last_event_time) AS as_of FROM store_clock) c
     WHERE a.month < date_trunc('month', c.as_of) ORDER BY a.month`,
  );
}

/** Whether names changed that the archive does not show yet, and the date that was published last. */
export async function publishedState(
  db: Database,
): Promise<{ namesChanged: boolean; publishedDate: string | null; publishedAs: string | null }> {
  const [row] = await query<{ names_changed: boolean; published_date: string | null; published_as: string | null }>(
    db,
    'SELECT names_changed, published_date, published_as FROM dataset',
  );
  return {
    namesChanged: row?.names_changed ?? false,
    publishedDate: row?.published_date ?? null,
    publishedAs: row?.published_as ?? null,
  };
}

async function readClock(client: pg.ClientBase): Promise<PublicationClock> {
  const [row] = await query<Record<string, string | null>>(
    client,
    'SELECT as_of_utc, as_of_date, open_month, forecast_month, combined_from FROM publish_context',
  );
  return {
    asOfUtc: row?.as_of_utc ?? null,
    asOfDate: row?.as_of_date ?? null,
    openMonth: row?.open_month ?? null,
    forecastMonth: row?.forecast_month ?? null,
    combinedFrom: row?.combined_from ?? null,
  };
}
