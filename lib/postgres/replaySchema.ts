import pg from 'pg';
import { type HeldRun, holdRun } from './heldRun.ts';
import { type Database, inTransaction, query } from './pool.ts';

/** Where a replay's run builds; the number in it keeps two replays apart. No name of a dataset begins so. */
export function besideSchema(schema: string, runSeq: number): string {
  return `replay_${runSeq}_${schema}`;
}

function beforeSchema(schema: string, runSeq: number): string {
  return `before_${runSeq}_${schema}`;
}

/** Forgets what replays left: built beside and not swapped in, or replaced. Only for the holder of the place. */
export async function dropReplaySchemas(db: Database): Promise<void> {
  const left = await query<{ name: string }>(
    db,
    `SELECT nspname::text AS name FROM pg_namespace WHERE nspname ~ '^(replay|before)_[0-9]+_'
       AND regexp_replace(nspname::text, '^(replay|before)_[0-9]+_', '') = $1`,
    [db.schema],
  );
  for (const { name } of left) await query(db, `DROP SCHEMA IF EXISTS ${pg.escapeIdentifier(name)} CASCADE`);
}

/** Findings that apply counts anew with the events; others are of files. */
const countedByApply = [
  'zero_change',
  'unusual_sign',
  'local_time_in_gap',
  'local_time_twice',
  'counts_disagree',
  'other_seconds',
];

/** What tells the story of the runs, names of which the files may be gone, and what a person decided. */
const ledgerTables = [
  'run',
  'run_step',
  'batch_metric',
  'withdrawal',
  'forecast_history',
  'item',
  'store',
  'change_type',
];

/**
 * Gives the schema beside what is not made from the rows: the ledger (with the replay's own open run), names of which
 * the files may be gone, what a person decided (withdrawn lines), and for a replay from Kafka what only files hold.
 */
export async function carryOver(db: Database, runSeq: number, source: 'files' | 'kafka'): Promise<void> {
  const from = pg.escapeIdentifier(db.schema);
  const to = pg.escapeIdentifier(besideSchema(db.schema, runSeq));
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
    for (const table of ledgerTables) await copy(table);
    if (source === 'kafka') {
      await copy('source_file');
      await copy('rejected_row', 'applied');
      await copy('quality_finding');
      await query(client, `DELETE FROM ${to}.quality_finding WHERE rule = ANY ($1)`, [countedByApply]);
    }
    await query(client, `UPDATE ${to}.run SET replayed = true, folded = true WHERE run_seq <> $1`, [runSeq]);
    await client.query(`UPDATE ${to}.withdrawal SET run_seq = NULL`);
    await client.query(
      `UPDATE ${to}.dataset n SET input_dir = o.input_dir, online_store_id = o.online_store_id,
              online_bopis_moves_stock = o.online_bopis_moves_stock, published_date = o.published_date,
              mirror_checked_on = o.mirror_checked_on
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
    // A reading of the present must never be taken for one of what is built.
    await client.query(`SELECT setval('${to}.staging_reading', last_value) FROM ${from}.staging_reading`);
  });
}

/** Events of the present that the replay did not find, per store, and how many it found that are new. */
export type ReplayDifference = Readonly<{
  lost: number;
  found: number;
  byStore: readonly { store_id: number; lost: number }[];
}>;

export async function compareEvents(db: Database, runSeq: number): Promise<ReplayDifference> {
  const present = `${pg.escapeIdentifier(db.schema)}.inventory_event`;
  const beside = `${pg.escapeIdentifier(besideSchema(db.schema, runSeq))}.inventory_event`;
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
 * What a person decided meanwhile comes along; documents and CSVs are then stale. `lost`: events are missing, so that
 * files must be read again whatever their watermarks say. @throws TillcastError ETL_STALE
 */
export async function swapSchemas(db: Database, run: HeldRun, lost: boolean): Promise<void> {
  const present = pg.escapeIdentifier(db.schema);
  const beside = pg.escapeIdentifier(besideSchema(db.schema, run.run_seq));
  const before = pg.escapeIdentifier(beforeSchema(db.schema, run.run_seq));
  await inTransaction(db, async (client) => {
    await holdRun(client, run);
    await client.query(`LOCK TABLE ${present}.withdrawal IN SHARE ROW EXCLUSIVE MODE`);
    await client.query(
      `INSERT INTO ${beside}.withdrawal
         (event_id, counter_event_id, store_id, item_id, date_time, change_type_id, trans_id, quantity, file, line, asked_at)
       SELECT event_id, counter_event_id, store_id, item_id, date_time, change_type_id, trans_id, quantity, file, line, asked_at
       FROM ${present}.withdrawal ON CONFLICT DO NOTHING`,
    );
    await client.query(
      `UPDATE ${beside}.dataset n SET clock_paused = o.clock_paused, mirror_stale = true, published_as = NULL
       FROM ${present}.dataset o`,
    );
    // Both go on to the last moment, so they come along only now.
    await client.query(`INSERT INTO ${beside}.run_log OVERRIDING SYSTEM VALUE SELECT * FROM ${present}.run_log`);
    await client.query(`INSERT INTO ${beside}.alert SELECT * FROM ${present}.alert`);
    await client.query(
      `SELECT setval(pg_get_serial_sequence('${beside}.run_log', 'line_no'), max(line_no)) FROM ${beside}.run_log`,
    );
    if (lost) await client.query(`DELETE FROM ${beside}.source_file WHERE kind IN ('change', 'count')`);
    await query(client, `UPDATE ${beside}.run SET heartbeat_at = clock_timestamp() WHERE run_seq = $1`, [run.run_seq]);
    await client.query(`ALTER SCHEMA ${present} RENAME TO ${before}`);
    await client.query(`ALTER SCHEMA ${beside} RENAME TO ${present}`);
  });
}
