import pg from 'pg';
import { assertHeld, type HeldRun } from './heldRun.ts';
import { type Database, inTransaction, query } from './pool.ts';

/** Where a replay builds, and where the state that it replaced waits until the end; no names of datasets. */
export function besideSchema(schema: string): string {
  return `replay_${schema}`;
}

function beforeSchema(schema: string): string {
  return `before_${schema}`;
}

/** Forgets what a replay left: one that was interrupted, or the state that it replaced. */
export async function dropReplaySchemas(db: Database): Promise<void> {
  for (const name of [besideSchema(db.schema), beforeSchema(db.schema)]) {
    await query(db, `DROP SCHEMA IF EXISTS ${pg.escapeIdentifier(name)} CASCADE`);
  }
}

/** Tables that Kafka cannot give back; from files they are read anew. */
const notInKafka = ['item', 'store', 'change_type', 'source_file', 'rejected_row', 'quality_finding'] as const;

/**
 * Gives the schema beside what is not made from the rows: the ledger (with the replay's own open run), what a person
 * decided (input folder, paused clock, withdrawn lines), and for a replay from Kafka what only files hold.
 */
export async function carryOver(db: Database, runSeq: number, source: 'files' | 'kafka'): Promise<void> {
  const from = pg.escapeIdentifier(db.schema);
  const to = pg.escapeIdentifier(besideSchema(db.schema));
  await inTransaction(db, async (client) => {
    const copy = async (table: string, where = 'true') => {
      const [row] = await query<{ columns: string }>(
        client,
        `SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) AS columns
         FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2`,
        [db.schema, table],
      );
      const columns = row?.columns ?? '';
      await client.query(
        `INSERT INTO ${to}.${table} (${columns}) OVERRIDING SYSTEM VALUE SELECT ${columns} FROM ${from}.${table} WHERE ${where}`,
      );
    };
    for (const table of ['run', 'run_step', 'batch_metric']) await copy(table);
    await copy('withdrawal');
    if (source === 'kafka') {
      for (const table of notInKafka) await copy(table, table === 'rejected_row' ? 'applied' : 'true');
    }
    await query(client, `UPDATE ${to}.run SET replayed = true, folded = true WHERE run_seq <> $1`, [runSeq]);
    await client.query(`UPDATE ${to}.withdrawal SET run_seq = NULL`);
    await client.query(
      `UPDATE ${to}.dataset n SET input_dir = o.input_dir, clock_paused = o.clock_paused,
              online_store_id = o.online_store_id, online_bopis_moves_stock = o.online_bopis_moves_stock,
              published_date = o.published_date, mirror_checked_on = o.mirror_checked_on
       FROM ${from}.dataset o`,
    );
    for (const [table, column] of [
      ['run', 'run_seq'],
      ['batch_metric', 'batch_id'],
      ['rejected_row', 'rejected_id'],
    ]) {
      await client.query(
        `SELECT setval(pg_get_serial_sequence('${to}.${table}', '${column}'), max(${column})) FROM ${to}.${table}`,
      );
    }
  });
}

/** Events of the present that the replay did not find, per store, and how many it found that are new. */
export type ReplayDifference = Readonly<{
  lost: number;
  found: number;
  byStore: readonly { store_id: number; lost: number }[];
}>;

export async function compareEvents(db: Database): Promise<ReplayDifference> {
  const present = `${pg.escapeIdentifier(db.schema)}.inventory_event`;
  const beside = `${pg.escapeIdentifier(besideSchema(db.schema))}.inventory_event`;
  const only = (here: string, there: string) =>
    `FROM ${here} h WHERE NOT EXISTS (SELECT FROM ${there} t WHERE t.store_id = h.store_id AND t.item_id = h.item_id
       AND t.date_time = h.date_time AND t.event_id = h.event_id)`;
  const byStore = await query<{ store_id: number; lost: number }>(
    db,
    `SELECT h.store_id, count(*) AS lost ${only(present, beside)} GROUP BY 1 ORDER BY 2 DESC, 1`,
  );
  const [found] = await query<{ found: number }>(db, `SELECT count(*) AS found ${only(beside, present)}`);
  return { lost: byStore.reduce((sum, row) => sum + Number(row.lost), 0), found: Number(found?.found ?? 0), byStore };
}

/**
 * Puts what was built beside in the place of the present state, in one transaction: readers see the one or the other.
 * Documents and CSVs are then stale. The present state waits under another name. @throws TillcastError ETL_STALE
 */
export async function swapSchemas(db: Database, run: HeldRun): Promise<void> {
  const present = pg.escapeIdentifier(db.schema);
  await inTransaction(db, async (client) => {
    await query(client, 'SELECT FROM run WHERE run_seq = $1 FOR UPDATE', [run.run_seq]);
    await assertHeld(client, run);
    await client.query(`ALTER SCHEMA ${present} RENAME TO ${pg.escapeIdentifier(beforeSchema(db.schema))}`);
    await client.query(`ALTER SCHEMA ${pg.escapeIdentifier(besideSchema(db.schema))} RENAME TO ${present}`);
    await query(client, `UPDATE ${present}.run SET heartbeat_at = clock_timestamp() WHERE run_seq = $1`, [run.run_seq]);
    await client.query(`UPDATE ${present}.dataset SET mirror_stale = true, published_as = NULL`);
  });
}
