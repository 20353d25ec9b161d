import type pg from 'pg';
import { type Database, query } from '../pool.ts';
import { sqlFile } from '../sqlFile.ts';

/** What the ledger says of a state: see standing.sql. `ahead`: rows counted that no publication shows yet. */
export type Standing = Readonly<{
  published_run_id: string | null;
  published_at: Date | null;
  counted_run_id: string | null;
  ahead: boolean;
  /** Another one means other tables under the same names (a replay swapped the schema). */
  tables_oid: number;
}>;

export async function readStanding(db: Database | pg.PoolClient): Promise<Standing> {
  const [row] = await query<Standing>(db, sqlFile('view/standing.sql'));
  return row as Standing;
}
