import { finished } from 'node:stream/promises';
import copyStreams from 'pg-copy-streams';
import type { IdentifiedEvent } from '../../../lib/core/types.ts';
import { type Database, inTransaction, query } from '../../../lib/postgres/pool.ts';
import { type Delta, deltasOf, type Store, timed } from './stores.ts';

export const studySchema = 'latency_study';

const tables = `
  CREATE SCHEMA IF NOT EXISTS ${studySchema};
  CREATE TABLE raw_event (store_id bigint NOT NULL, item_id bigint NOT NULL, date_time timestamp NOT NULL,
    event_id uuid NOT NULL, change_type_id bigint, quantity bigint NOT NULL, trans_id text);
  CREATE TABLE batch_delta (batch bigint NOT NULL, store_id bigint NOT NULL, item_id bigint NOT NULL,
    delta_quantity bigint NOT NULL);
  CREATE TABLE pair_total (store_id bigint, item_id bigint, delta_quantity bigint NOT NULL,
    PRIMARY KEY (store_id, item_id))`;

const upsertTotals = `
  INSERT INTO pair_total AS t (store_id, item_id, delta_quantity)
  SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])
  ON CONFLICT (store_id, item_id) DO UPDATE SET delta_quantity = t.delta_quantity + excluded.delta_quantity`;

/** Tables of the study's own; each batch is one transaction, on disk when `write` returns. */
export async function postgresStores(db: Database): Promise<Record<'single' | 'batch' | 'total', Store>> {
  await db.pool.query(tables);
  let batch = 0;
  return {
    single: {
      clear: () => truncate(db, 'raw_event'),
      write: (events) => timed(() => copy(db, 'raw_event', events.map(rawLine))),
    },
    batch: {
      clear: () => truncate(db, 'batch_delta'),
      write(events) {
        const lines = deltasOf(events).map((delta) => deltaLine(batch, delta));
        batch++;
        return timed(() => copy(db, 'batch_delta', lines));
      },
    },
    total: {
      clear: () => truncate(db, 'pair_total'),
      write(events) {
        const deltas = deltasOf(events);
        const columns = [
          deltas.map(({ storeId }) => storeId),
          deltas.map(({ itemId }) => itemId),
          deltas.map(({ quantity }) => quantity),
        ];
        return timed(() => query(db, upsertTotals, columns));
      },
    },
  };
}

async function truncate(db: Database, table: string): Promise<void> {
  await query(db, `TRUNCATE ${table}`);
}

async function copy(db: Database, table: string, lines: readonly string[]): Promise<void> {
  await inTransaction(db, async (client) => {
    const into = client.query(copyStreams.from(`COPY ${table} FROM STDIN`));
    into.end(lines.join(''));
    await finished(into);
  });
}

/** The study's own rows hold nothing that COPY would have escaped. */
const rawLine = (event: IdentifiedEvent) =>
  `${event.storeId}\t${event.itemId}\t${event.dateTime}\t${event.eventId}\t${event.changeTypeId}\t${event.quantity}\t${event.transId}\n`;

const deltaLine = (batch: number, { storeId, itemId, quantity }: Delta) =>
  `${batch}\t${storeId}\t${itemId}\t${quantity}\n`;
