import type pg from 'pg';
import type { Database } from '../pool.ts';
import type { PublicationClock, PublicationInput } from '../publication.ts';
import { type Keeper, openKeeper } from './keeper.ts';
import { openPageTables, type PageTables } from './pageTables.ts';
import { OtherTables, snapshotRead } from './snapshotRead.ts';
import { isBeingPublished, isHandedOver, readStanding, type Standing } from './standing.ts';

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
  /** What the tables under it are stored as (tablesAs.ts). */
  tablesAs: string;
  /** Reads the view's own tables (page_pair and the like). */
  tables: PageTables['read'];
  /** The same for a download. */
  texts: PageTables['texts'];
  /** Reads maintained tables as they were for this view. */
  read<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T>;
  /** false once its connections are lost, or other tables stand under its names. */
  alive(): boolean;
  /** Takes a newer snapshot of the very same state, so that the old one does not hold vacuum back. */
  renew(): Promise<void>;
  close(): void;
}>;

type Kept = Readonly<{ keeper: Keeper; runId: string; state: ViewState; publishedAt: Date | null; tablesAs: string }>;

/** Whoever read the old snapshot's name a moment ago still takes it up. */
const oldKeeperMs = 10_000;
let views = 0;

/**
 * The state of the last publication. undefined where nothing was counted yet, or where rows were counted since, nobody
 * hands its state over, and `evenCounted` is false. `standing`: what the ledger says now.
 * @throws TillcastError ETL_PG
 */
export async function openPublishedView(
  db: Database,
  settings: ViewSettings,
  standing: Standing,
  evenCounted: boolean,
): Promise<PublishedView | undefined> {
  const kept = (await keepHandedOver(db, standing)) ?? (await keepPresent(db, standing, evenCounted));
  if (kept === undefined) return undefined;
  const { runId, state, publishedAt, tablesAs } = kept;
  let { keeper } = kept;
  let otherTables = false;
  try {
    const tables = await openPageTables(db, keeper.snapshot, { ...settings, runId });
    // Names lead to tables of now: those that were read must be those that the snapshot is of.
    if ((await readStanding(db)).tables_as !== tablesAs) {
      tables.close();
      throw new OtherTables();
    }
    views += 1;
    return {
      ...{
        runId,
        state,
        publishedAt,
        tablesAs,
        number: views,
        clock: tables.clock,
        tables: tables.read,
        texts: tables.texts,
      },
      read: (work) =>
        snapshotRead(db, { snapshot: keeper.snapshot, tables: tablesAs }, work).catch((error: unknown) => {
          if (error instanceof OtherTables) otherTables = true;
          throw error;
        }),
      alive: () => keeper.alive() && tables.alive() && !otherTables,
      async renew() {
        const next = await keepPresent(db, await readStanding(db), false);
        const same = next?.runId === runId && next.publishedAt?.getTime() === publishedAt?.getTime();
        if (next === undefined) return;
        if (!same || !next.settled || next.tablesAs !== tablesAs) return next.keeper.close();
        const old = keeper;
        keeper = next.keeper;
        setTimeout(old.close, oldKeeperMs).unref();
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

/** The state that the publication itself wrote from, where its process still holds it. */
async function keepHandedOver(db: Database, standing: Standing): Promise<Kept | undefined> {
  const { published_run_id: runId, published_at: publishedAt, handed_over: handed } = standing;
  if (runId === null || handed === null || !isHandedOver(standing)) return undefined;
  const keeper = await openKeeper(db, handed.snapshot).catch(() => undefined);
  if (keeper === undefined) return undefined;
  try {
    const name = { snapshot: keeper.snapshot, tables: handed.tables };
    if (await snapshotRead(db, name, (client) => isBeingPublished(client, runId))) {
      return { keeper, runId, state: 'published', publishedAt, tablesAs: handed.tables };
    }
  } catch {
    // Then the present state is looked at.
  }
  keeper.close();
  return undefined;
}

/** The state of now: the published one where nothing was counted since, else, if wanted, the counted one. */
async function keepPresent(
  db: Database,
  { tables_as: tablesAs }: Standing,
  evenCounted: boolean,
): Promise<(Kept & { settled: boolean }) | undefined> {
  // The tables' names were read before: where they are others by now, every read says so.
  const keeper = await openKeeper(db);
  try {
    const standing = await snapshotRead(db, { snapshot: keeper.snapshot, tables: tablesAs }, readStanding);
    const { ahead, settled } = standing;
    const runId = ahead ? standing.counted_run_id : standing.published_run_id;
    if (runId !== null && (!ahead || evenCounted)) {
      const publishedAt = ahead ? null : standing.published_at;
      return { keeper, runId, state: ahead ? 'counted' : 'published', publishedAt, tablesAs, settled };
    }
  } catch (error) {
    keeper.close();
    throw error;
  }
  keeper.close();
  return undefined;
}
