import { TillcastError } from '../../core/errors.ts';
import type { Database } from '../pool.ts';
import { openPublishedView, type PublishedView, type ViewSettings } from './publishedView.ts';
import { isMissingTable } from './snapshotRead.ts';
import { isHandedOver, readStanding, type Standing } from './standing.ts';

/** The view that pages show now, kept up with publications by one poller for all who look. */
export type Views = Readonly<{
  /** undefined before the first run has counted anything. @throws TillcastError ETL_PG while PostgreSQL is away */
  current(): Promise<PublishedView | undefined>;
  /** Called with each view that becomes the shown one. Returns what ends the calls. */
  onChange(hear: (view: PublishedView) => void): () => void;
  close(): Promise<void>;
}>;

const lookEveryMs = 1_000;
const renewEveryMs = 120_000;
/** Readers of the view before have so long to end. */
const oldViewMs = 15_000;

/**
 * Looks at the ledger each second. A view is replaced whole, after the next one is ready. While rows are counted and
 * not yet published the one before stays; only where there is none the counted state is shown.
 */
export function openViews(db: Database, settings: ViewSettings): Views {
  const listeners = new Set<(view: PublishedView) => void>();
  let view: PublishedView | undefined;
  let trouble: unknown;
  let renewedAt = Date.now();
  let looking: Promise<void> | undefined;
  let closed = false;
  const retired = new Map<NodeJS.Timeout, PublishedView>();

  async function look(): Promise<void> {
    try {
      if (view !== undefined && !view.alive()) retire(view);
      const standing = await readStanding(db);
      if (view !== undefined && view.tablesAs !== standing.tables_as) retire(view);
      if (view === undefined || isNewer(standing, view)) await replace(standing);
      else if (Date.now() - renewedAt > renewEveryMs && standing.settled) {
        renewedAt = Date.now();
        await view.renew();
      }
      trouble = undefined;
    } catch (error) {
      // The dataset was forgotten: what was kept of it is no longer to be seen.
      if (view !== undefined && isMissingTable(error)) retire(view);
      trouble = error;
    }
  }

  async function replace(standing: Standing): Promise<void> {
    if (standing.counted_run_id === null && standing.published_run_id === null) return;
    // A counted state is shown where there is none better; then it follows what is counted.
    const next = await openPublishedView(db, settings, standing, view === undefined || view.state === 'counted');
    if (next === undefined) return;
    if (closed) return next.close();
    const old = view;
    view = next;
    renewedAt = Date.now();
    if (old !== undefined) closeLater(old);
    for (const hear of listeners) hear(next);
  }

  function retire(old: PublishedView): void {
    if (view === old) view = undefined;
    closeLater(old);
  }

  function closeLater(old: PublishedView): void {
    const timer = setTimeout(() => {
      retired.delete(timer);
      old.close();
    }, oldViewMs);
    retired.set(timer, old);
  }

  const lookNow = () => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  };
  const timer = setInterval(() => void lookNow(), lookEveryMs);
  void lookNow();

  return {
    async current() {
      if (view?.alive()) return view;
      await lookNow();
      if (view === undefined && trouble !== undefined) throw asAway(trouble);
      return view;
    },
    onChange(hear) {
      listeners.add(hear);
      return () => listeners.delete(hear);
    },
    async close() {
      closed = true;
      clearInterval(timer);
      await looking;
      for (const [waiting, old] of retired) {
        clearTimeout(waiting);
        old.close();
      }
      view?.close();
    },
  };
}

/** Whether the ledger tells of a state that the view does not show, and that may be shown. */
function isNewer(standing: Standing, view: PublishedView): boolean {
  const { published_run_id, published_at, counted_run_id, ahead } = standing;
  const unseen =
    published_at !== null &&
    (published_run_id !== view.runId || published_at.getTime() !== view.publishedAt?.getTime());
  if (unseen && (!ahead || isHandedOver(standing))) return true;
  return view.state === 'counted' && ahead && counted_run_id !== view.runId;
}

const away = 'PostgreSQL does not answer; the page goes on when it does';
const forgotten = 'the dataset was forgotten (npm run reset): it is there again once tillcast is started anew';

function asAway(error: unknown): TillcastError {
  if (error instanceof TillcastError && error.retryable) return error;
  return new TillcastError('ETL_PG', isMissingTable(error) ? forgotten : away, { retryable: true, cause: error });
}
