import { setTimeout as sleep } from 'node:timers/promises';
import { TillcastError } from '../lib/core/errors.ts';
import type { Database } from '../lib/postgres/pool.ts';
import { progressMark } from '../lib/postgres/runProgress.ts';

const lookEveryMs = 1_000;

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
 * A check for a loop that waits for a run: throws once the run has not moved (no heartbeat, no step) for so long.
 * @throws TillcastError ETL_RUN_FAILED
 */
export function watchProgress(db: Database, patienceMs: number): () => Promise<void> {
  let mark: string | undefined;
  let movedAt = Date.now();
  let lookedAt = 0;
  return async () => {
    if (Date.now() - lookedAt < lookEveryMs) return;
    lookedAt = Date.now();
    const now = await progressMark(db);
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
