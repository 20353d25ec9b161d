import type pg from 'pg';
import type { IdentifiedEvent } from '../core/types.ts';
import { CopyIn } from './copyIn.ts';
import { asTillcastError, connect, type Database, hangUp, inTransaction, query } from './pool.ts';

const columns = 'store_id, item_id, date_time, event_id, change_type_id, quantity, is_count, trans_id, employee_id';

/** A place in staging that belongs to one read of one run. `write` waits where PostgreSQL is slower than Kafka. */
export type StagingWriter = Readonly<{
  reading: number;
  write(events: readonly IdentifiedEvent[]): Promise<void>;
  /** All rows are in PostgreSQL when this returns. */
  end(): Promise<void>;
  abort(reason: Error): void;
}>;

/** Empties staging: one run at a time holds it. What a reader that was taken for dead wipes, apply notices by the count. */
export async function emptyStaging(db: Database): Promise<void> {
  await query(db, 'TRUNCATE staging_event');
}

/** Opens a COPY into staging. Rows carry a number of their own, so that no reader ever adds to another's. */
export async function openStaging(db: Database): Promise<StagingWriter> {
  const [row] = await query<{ reading: number }>(db, `SELECT nextval('staging_reading') AS reading`);
  const reading = Number(row?.reading);
  const client = await connect(db);
  const copy = new CopyIn(client, `COPY staging_event (reading, ${columns}) FROM STDIN`);
  let released = false;
  const giveBack = (reason?: Error) => {
    if (released) return;
    released = true;
    if (reason === undefined) client.release();
    else hangUp(client, reason);
  };
  return {
    reading,
    write: (events) => copy.write(events.map((event) => `${reading}\t${copyLine(event)}`).join('')),
    async end() {
      try {
        await copy.end();
        giveBack();
      } catch (error) {
        giveBack(error as Error);
        throw asTillcastError(error, 'COPY into staging');
      }
    },
    abort(reason) {
      copy.abort(reason);
      giveBack(reason);
    },
  };
}

/** Rows of a round that need no staging: into the transaction that makes them count (apply/00_tables.sql). */
export async function copyEvents(client: pg.PoolClient, events: readonly IdentifiedEvent[]): Promise<void> {
  if (events.length === 0) return;
  const copy = new CopyIn(client, `COPY live_event (${columns}) FROM STDIN`);
  await copy.write(events.map(copyLine).join(''));
  await copy.end();
}

/** How many rows of these readings are in staging; fewer than were written means the server lost it in a crash. */
export async function countStaged(db: Database | pg.PoolClient, readings: readonly number[]): Promise<number> {
  const [row] = await query<{ count: number }>(
    db,
    'SELECT count(*) FROM staging_event WHERE reading = ANY ($1::bigint[])',
    [readings],
  );
  return Number(row?.count ?? 0);
}

/** Makes the monthly partitions that events fall into; months as `yyyy-MM`. */
export async function ensureMonths(db: Database, months: readonly string[]): Promise<void> {
  await inTransaction(db, async (client) => {
    await query(client, `SELECT ensure_event_partition((month || '-01')::date) FROM unnest($1::text[]) AS u (month)`, [
      months,
    ]);
  });
}

function copyLine(event: IdentifiedEvent): string {
  const type = event.changeTypeId === null ? '\\N' : event.changeTypeId;
  const trans = event.transId === null ? '\\N' : escapeCopy(event.transId);
  const count = event.kind === 'count' ? 't' : 'f';
  return `${event.storeId}\t${event.itemId}\t${event.dateTime}\t${event.eventId}\t${type}\t${event.quantity}\t${count}\t${trans}\t${escapeCopy(event.employeeId)}\n`;
}

const special = /[\\\t\n\r]/;

function escapeCopy(text: string): string {
  if (!special.test(text)) return text;
  return text.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
}
