import type pg from 'pg';
import type { Database } from '../pool.ts';
import type { PublicationClock, PublicationInput } from '../publication.ts';
import { type Keeper, openKeeper } from './keeper.ts';
import { openPageTables, type PageTables } from './pageTables.ts';
import { snapshotRead } from './snapshotRead.ts';
import { readStanding, type Standing } from './standing.ts';

export type ViewSettings = Omit<PublicationInput, 'snapshot' | 'runId'>;

/** `counted`: rows that no publication shows yet are in it, because no published state was left to show. */
export type ViewState = 'published' | 'counted';

/** One whole state of the data under the name of its run. */
export type PublishedView = Readonly<{
  runId: string;
  state: ViewState;
  /** When the run's files were complete; null for a counted state. */
  publishedAt: Date | null;
  /** Distinguishes views in this process, also two of one run. */
  number: number;
  clock: PublicationClock;
  tablesOid: number;
  /** Reads the view's own tables (page_pair and the like). */
  tables: PageTables['read'];
  /** Reads maintained tables as they were for this view. */
  read<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T>;
  alive(): boolean;
  /** Takes a newer snapshot of the very same state, so that the old one does not hold vacuum back. */
  renew(): Promise<void>;
  close(): void;
}>;

let views = 0;

/**
 * The state of the last publication; undefined where nothing was counted yet, or rows were counted since and
 * `evenCounted` is false.
 * @throws TillcastError ETL_PG
 */
export async function openPublishedView(
  db: Database,
  settings: ViewSettings,
  evenCounted: boolean,
): Promise<PublishedView | undefined> {
  let keeper = await openKeeper(db);
  try {
    const standing = await snapshotRead(db, keeper.snapshot, readStanding);
    const runId = standing.ahead ? standing.counted_run_id : standing.published_run_id;
    if (runId === null || (standing.ahead && !evenCounted)) {
      keeper.close();
      return undefined;
    }
    const tables = await openPageTables(db, keeper.snapshot, { ...settings, runId });
    views += 1;
    return {
      runId,
      state: standing.ahead ? 'counted' : 'published',
      publishedAt: standing.ahead ? null : standing.published_at,
      number: views,
      clock: tables.clock,
      tablesOid: standing.tables_oid,
      tables: tables.read,
      read: (work) => snapshotRead(db, keeper.snapshot, work),
      alive: () => keeper.alive(),
      async renew() {
        const next = await sameState(db, standing);
        if (next === undefined) return;
        const old = keeper;
        keeper = next;
        // Whoever read the old name a moment ago still takes it up.
        setTimeout(() => old.close(), 10_000).unref();
      },
      close() {
        tables.close();
        keeper.close();
      },
    };
  } catch (error) {
    keeper.close();
    throw error;
  }
}

async function sameState(db: Database, standing: Standing): Promise<Keeper | undefined> {
  const keeper = await openKeeper(db);
  const now = await snapshotRead(db, keeper.snapshot, readStanding);
  const same =
    now.published_run_id === standing.published_run_id &&
    now.counted_run_id === standing.counted_run_id &&
    now.ahead === standing.ahead &&
    now.tables_oid === standing.tables_oid;
  if (same && !now.ahead) return keeper;
  keeper.close();
  return undefined;
}
