import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { TillcastError } from '../lib/core/errors.ts';
import { findRun, type Run } from '../lib/postgres/ledger.ts';
import { claimInputFolder } from '../lib/postgres/migrate.ts';
import { queuePrefix } from '../lib/queue/connection.ts';
import { dropQueues } from '../lib/queue/queues.ts';
import { adoptLeftRun } from './adopt.ts';
import type { Pipeline } from './pipeline.ts';
import type { DoorResult } from './run.ts';
import { openStations } from './stations.ts';

/** What `once` prints last; names are a contract (product.md, Commands). */
export type OnceSummary = Readonly<{
  run_id: string;
  status: string;
  files: number;
  files_refused: number;
  rows_read: number;
  rows_new: number;
  rows_duplicate: number;
  rows_rejected: number;
  pairs_changed: number;
  seconds: number;
}>;

/**
 * One run through a queue and workers of its own, which are gone afterwards. A run that a killed process left is
 * finished first.
 * @throws TillcastError ETL_RUN_OPEN where another run holds the place, ETL_INPUT for a folder of another dataset
 */
export async function runOnce(pipeline: Pipeline, say: (line: string) => void): Promise<OnceSummary> {
  const startedAt = performance.now();
  await claimInputFolder(pipeline.db, pipeline.settings.dataset, pipeline.inputDir);
  await adoptLeftRun(pipeline, say);
  const own = randomUUID().slice(0, 8);
  const stations = await openStations(pipeline, queuePrefix(pipeline.settings.dataset, own), say);
  try {
    const job = await stations.queues.door.add('run', { trigger: 'once' });
    let runId: string | undefined;
    let failure: string | undefined;
    while (runId === undefined) {
      await sleep(50);
      const state = await job.getState();
      const seen =
        state === 'completed' || state === 'failed' ? await stations.queues.door.getJob(job.id ?? '') : undefined;
      const result = seen?.returnvalue as DoorResult | undefined;
      if (state === 'failed') failure = seen?.failedReason;
      if (result?.outcome === 'left') failure = result.because;
      if (failure !== undefined) throw new TillcastError('ETL_RUN_OPEN', failure);
      runId = result?.run_id;
    }
    let run: Run | undefined;
    do {
      await sleep(50);
      run = await findRun(pipeline.db, runId);
    } while (run?.finished_at == null);
    if (run.status === 'failed') say(`run ${runId} failed: ${run.reason}`);
    return summaryOf(run, (performance.now() - startedAt) / 1000);
  } finally {
    await dropQueues(stations.queues).catch(() => undefined);
    await stations.close();
  }
}

export function summaryOf(run: Run, seconds: number): OnceSummary {
  return {
    run_id: run.run_id,
    status: run.status,
    files: run.files,
    files_refused: run.files_refused,
    rows_read: run.rows_read,
    rows_new: run.rows_new,
    rows_duplicate: run.rows_duplicate,
    rows_rejected: run.rows_rejected,
    pairs_changed: run.pairs_changed,
    seconds: Math.round(seconds * 100) / 100,
  };
}
