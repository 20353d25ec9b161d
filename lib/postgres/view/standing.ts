import type pg from 'pg';
import { type Database, query } from '../pool.ts';
import { sqlFile } from '../sqlFile.ts';
import { type HandedOver, handOverMs } from './handOver.ts';
import { tablesAs } from './tablesAs.ts';

/** What the ledger says of a state: see standing.sql. */
export type Standing = Readonly<{
  published_run_id: string | null;
  published_at: Date | null;
  /** Milliseconds since. */
  published_ago: number | null;
  /** The publication's state, as long as its process holds it (handOver.ts). */
  handed_over: HandedOver | null;
  counted_run_id: string | null;
  /** Rows are counted that no publication shows yet. */
  ahead: boolean;
  /** The newest run of all is the published one, and over: nothing has changed since. */
  settled: boolean;
  tables_as: string;
}>;

export async function readStanding(db: Database | pg.ClientBase): Promise<Standing> {
  const [row] = await query<Standing>(db, sqlFile('view/standing.sql').replace('TABLES_AS', tablesAs));
  return row as Standing;
}

/** Whether the publication's process should still hold its state. Later, PostgreSQL may give its name to another. */
export function isHandedOver({ handed_over, published_ago }: Standing): boolean {
  return handed_over !== null && published_ago !== null && published_ago < handOverMs;
}

/** Whether a publication of this run is under way in the state that is seen: so it is in the one that it writes from. */
export async function isBeingPublished(client: pg.ClientBase, runId: string): Promise<boolean> {
  const rows = await query(
    client,
    `SELECT FROM run_step s JOIN run r USING (run_seq)
     WHERE r.run_id = $1 AND s.step = 'publish' AND s.finished_at IS NULL`,
    [runId],
  );
  return rows.length > 0;
}
