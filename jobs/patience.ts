import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, TillcastError } from '../lib/core/errors.ts';
import type { Database } from '../lib/postgres/pool.ts';
import { progressMark } from '../lib/postgres/runProgress.ts';

const lookEveryMs = 1_000;
const askAgainMs = 500;

/** The result of `work`, or undefined when it takes longer: a Redis that is away answers nothing, for ever. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  const stop = new AbortController();
  const late = sleep(ms, undefined, { signal: stop.signal }).catch(() => undefined);
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    stop.abort();
  }
}

/**
 * Asks PostgreSQL again while it is away for moments (a restart), until it answers or `patienceMs` are over.
 * @throws TillcastError ETL_PG with what to do; at once where asking again cannot help
 */
export async function patiently<T>(ask: () => Promise<T>, patienceMs: number): Promise<T> {
  const since = Date.now();
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof TillcastError) || error.code !== 'ETL_PG' || !error.retryable) throw error;
      if (Date.now() - since > patienceMs) {
        throw new TillcastError(
          'ETL_PG',
          `PostgreSQL has not answered for ${Math.round((Date.now() - since) / 1000)} s (${messageOf(error.cause ?? error)}): start ` +
            'it, then give the same command again. Nothing is lost: a run that was under way stays open and is gone on with',
          { retryable: true, cause: error },
        );
      }
      await sleep(askAgainMs);
    }
  }
}

/**
 * A check for a loop that waits for a run: throws once the run has not moved (no heartbeat, no step) for so long while
 * PostgreSQL answers, or once PostgreSQL has been away for twice as long.
 * @throws TillcastError ETL_RUN_FAILED, ETL_PG
 */
export function watchProgress(db: Database, patienceMs: number): () => Promise<void> {
  let mark: string | undefined;
  let movedAt = Date.now();
  let lookedAt = 0;
  return async () => {
    if (Date.now() - lookedAt < lookEveryMs) return;
    const askedAt = Date.now();
    const now = await patiently(() => progressMark(db), 2 * patienceMs);
    lookedAt = Date.now();
    // While PostgreSQL was away nothing could move.
    movedAt += lookedAt - askedAt;
    if (now !== mark) {
      mark = now;
      movedAt = Date.now();
    } else if (Date.now() - movedAt > patienceMs) {
      throw new TillcastError(
        'ETL_RUN_FAILED',
        `the run has not moved for ${Math.round(patienceMs / 1000)} s: no step and no sign of life; is Redis, which ` +
          'holds the queue, away? Nothing is lost and the run stays open: the same command goes on with it',
      );
    }
  };
}
