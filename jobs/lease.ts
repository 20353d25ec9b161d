import { randomUUID } from 'node:crypto';
import { TillcastError } from '../lib/core/errors.ts';
import { beat, claimRun, findRun, type Run, releaseRun } from '../lib/postgres/ledger.ts';
import { patiently } from './patience.ts';
import type { Pipeline } from './pipeline.ts';

const beatMs = 5_000;
const releasePatienceMs = 20_000;

/**
 * Holds a run while `work` runs: claims it, beats every 5 s, gives it back. `signal` aborts when another took the run;
 * `run.holder` is this lease's name, which what must only happen under it checks. @throws TillcastError ETL_RUN_OPEN where somebody else works on it
 */
export async function withLease<T>(
  pipeline: Pipeline,
  runId: string,
  work: (run: Run, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { db } = pipeline;
  // A name for this piece of work alone, so that two jobs of one process exclude each other too.
  const holder = `${pipeline.holder}#${randomUUID().slice(0, 8)}`;
  const run = await claimRun(db, runId, holder);
  if (run === undefined) {
    const found = await findRun(db, runId);
    throw new TillcastError(
      'ETL_RUN_OPEN',
      found === undefined
        ? `run ${runId} is not in the ledger: was the dataset reset?`
        : `run ${runId} is ${found.status}, held by ${found.holder ?? 'nobody'}, or another run is open: this process leaves it`,
      { retryable: found?.status === 'running' },
    );
  }
  const lost = new AbortController();
  let beating = false;
  const timer = setInterval(() => {
    // One at a time: with PostgreSQL silent they would take all connections.
    if (beating) return;
    beating = true;
    beat(db, runId, holder)
      .then(
        (mine) => {
          if (mine) return;
          lost.abort(new TillcastError('ETL_STALE', `run ${runId} was taken over by another process: this one stops`));
        },
        // A beat that fails is no proof; the next one tells, and PostgreSQL fences what counts.
        () => undefined,
      )
      .finally(() => {
        beating = false;
      });
  }, beatMs);
  try {
    const { stopping } = pipeline;
    return await work(run, stopping === undefined ? lost.signal : AbortSignal.any([lost.signal, stopping]));
  } finally {
    clearInterval(timer);
    // Not released, it would stay closed to our own next try until the heartbeat is old.
    await patiently(() => releaseRun(db, runId, holder, pipeline.stopping?.aborted), releasePatienceMs).catch(
      () => undefined,
    );
  }
}
