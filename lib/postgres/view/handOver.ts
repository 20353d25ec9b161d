import { type Database, query } from '../pool.ts';
import { type Keeper, openKeeper } from './keeper.ts';
import { tablesAs } from './tablesAs.ts';

/** So long servers of pages have to take the state up; they look each second. */
export const handOverMs = 15_000;

const handedOver = new WeakMap<Database, Keeper>();

/** A state and what its tables are stored as (standing.ts), as the ledger carries it. */
export type HandedOver = Readonly<{ snapshot: string; tables: string }>;

/**
 * Holds the very state that a publication writes for a while longer, so that pages can take it up although the next run
 * counts rows at once (`npm run follow`). `snapshot`: the publication's, whose transaction must be open.
 * @returns undefined where it cannot be held: then pages take the state that they find
 */
export async function handOver(db: Database, snapshot: string): Promise<HandedOver | undefined> {
  handedOver.get(db)?.close();
  handedOver.delete(db);
  try {
    const [row] = await query<{ tables: string }>(db, `SELECT ${tablesAs} AS tables`);
    const keeper = await openKeeper(db, snapshot, handOverMs);
    handedOver.set(db, keeper);
    setTimeout(keeper.close, handOverMs).unref();
    return { snapshot: keeper.snapshot, tables: row?.tables ?? '' };
  } catch {
    return undefined;
  }
}
