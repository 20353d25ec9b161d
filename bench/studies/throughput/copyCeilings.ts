import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import copyStreams from 'pg-copy-streams';
import { median } from 'simple-statistics';
import type { IdentifiedEvent } from '../../../lib/core/types.ts';
import { connect, type Database, query } from '../../../lib/postgres/pool.ts';

export type CopyKey = 'none' | 'product' | 'bigint' | 'text';

const columns =
  'store_id, item_id, date_time, event_id, change_type_id, quantity, run_seq, is_count, trans_id, employee_id';
const linesPerChunk = 1_000;

/** inventory_event's columns under other keys. LIKE takes columns and NOT NULL, not the key and the partitions. */
const tables: Readonly<Record<CopyKey, { table: string; create?: string; moreColumns?: string }>> = {
  none: { table: 'copy_none', create: 'CREATE TABLE copy_none (LIKE inventory_event)' },
  product: { table: 'inventory_event' },
  bigint: {
    table: 'copy_bigint',
    create: 'CREATE TABLE copy_bigint (LIKE inventory_event, row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY)',
  },
  text: {
    table: 'copy_text',
    create: 'CREATE TABLE copy_text (LIKE inventory_event, event_key text PRIMARY KEY)',
    moreColumns: ', event_key',
  },
};

/**
 * Rows per second of COPY from memory into tables of the events' shape, the product's own (with its key and its monthly
 * partitions) among them. `db` is a migrated dataset without events; medians of `repeats`.
 */
export async function copyCeilings(
  db: Database,
  events: readonly IdentifiedEvent[],
  repeats: number,
): Promise<Record<CopyKey, number>> {
  const months = [...new Set(events.map(({ dateTime }) => `${dateTime.slice(0, 7)}-01`))];
  await query(db, 'SELECT ensure_event_partition(month) FROM unnest($1::date[]) month', [months]);
  const rates = {} as Record<CopyKey, number>;
  for (const key of Object.keys(tables) as CopyKey[]) {
    const { table, create, moreColumns = '' } = tables[key];
    if (create !== undefined) await query(db, create);
    const chunks = copyChunks(events, key === 'text');
    const seconds: number[] = [];
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      await query(db, `TRUNCATE ${table}`);
      await query(db, 'CHECKPOINT');
      const begun = performance.now();
      await copy(db, `COPY ${table} (${columns}${moreColumns}) FROM STDIN`, chunks);
      seconds.push((performance.now() - begun) / 1000);
    }
    await query(db, `TRUNCATE ${table}`);
    rates[key] = events.length / median(seconds);
  }
  return rates;
}

async function copy(db: Database, statement: string, chunks: readonly Buffer[]): Promise<void> {
  const client = await connect(db);
  try {
    await pipeline(Readable.from(chunks, { objectMode: false }), client.query(copyStreams.from(statement)));
  } finally {
    client.release();
  }
}

function copyChunks(events: readonly IdentifiedEvent[], withKey: boolean): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < events.length; at += linesPerChunk) {
    const lines = events.slice(at, at + linesPerChunk).map((event) => {
      const ids = `${event.storeId}\t${event.itemId}\t${event.dateTime}\t${event.eventId}\t${event.changeTypeId}`;
      const key = withKey ? `\t${event.eventId}` : '';
      // Ids of transactions in exports hold nothing that COPY would take for a sign of its own.
      return `${ids}\t${event.quantity}\t1\tf\t${event.transId}\t${key}\n`;
    });
    chunks.push(Buffer.from(lines.join('')));
  }
  return chunks;
}
