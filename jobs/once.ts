import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { TillcastError } from '../lib/core/errors.ts';
import { checkOutputOwner } from '../lib/output/outputFolder.ts';
import { findRun, newestRuns, type Run, runCounts } from '../lib/postgres/ledger.ts';
import { claimInputFolder } from '../lib/postgres/migrate.ts';
import { queuePrefix } from '../lib/queue/connection.ts';
import { dropQueues } from '../lib/queue/queues.ts';
import { adoptLeftRun, startAdopting } from './adopt.ts';
import { endedLine } from './consume.ts';
import { patiently, watchProgress, within } from './patience.ts';
import type { Pipeline } from './pipeline.ts';
import type { DoorResult } from './run.ts';
import { openStations, type Stations } from './stations.ts';

/** Each question to Redis waits so long; a Redis that is away never answers. */
const redisPatienceMs = 5_000;
const adopterPatienceMs = 30_000;
const ledgerPatienceMs = 120_000;

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
 * finished first, and so is its own where Redis loses the queue. One that does not move for `patienceMs` stays open for
 * the next. PostgreSQL may be away for twice as long.
 * @throws TillcastError ETL_RUN_OPEN where another run holds the place, ETL_INPUT for a folder of another dataset,
 * ETL_OUTPUT_OWNER, ETL_RUN_FAILED where the run does not move
 */
export async function runOnce(
  pipeline: Pipeline,
  say: (line: string) => void,
  patienceMs = 60_000,
): Promise<OnceSummary> {
  const startedAt = performance.now();
  await checkOutputOwner(pipeline.settings.outputDir, pipeline.settings.dataset);
  await claimInputFolder(pipeline.db, pipeline.settings.dataset, pipeline.inputDir);
  await adoptLeftRun(pipeline, say, patienceMs);
  const own = randomUUID().slice(0, 8);
  const heard = new Set<string>();
  const hear = (line: string) => {
    heard.add(line);
    say(line);
  };
  const stations = await openStations(pipeline, queuePrefix(pipeline.settings.dataset, own), hear, redisPatienceMs);
  const adopting = startAdopting(pipeline, hear);
  let run: Run | undefined;
  try {
    const watch = watchProgress(pipeline.db, patienceMs);
    const checkMoving = () => {
      pipeline.stopping?.throwIfAborted();
      return watch();
    };
    const runId = await askDoor(pipeline, stations, checkMoving);
    do {
      await sleep(50);
      await checkMoving();
      run = await patiently(() => findRun(pipeline.db, runId), 2 * patienceMs);
    } while (run?.finished_at == null);
  } finally {
    await within(redisPatienceMs, dropQueues(stations.queues)).catch(() => undefined);
    await within(redisPatienceMs, stations.close());
    await within(adopterPatienceMs, adopting.close());
  }
  const { run_id, status } = run;
  if (status === 'failed') say(`run ${run_id} failed: ${run.reason}`);
  else if (!heard.has(endedLine(run_id, status))) {
    say(`run ${run_id} was finished by another process while this one was away: it leaves, nothing was done twice`);
  }
  return summaryOf(run, (performance.now() - startedAt) / 1000);
}

/** Asks the door for a run and waits for its word: the id of the run that began. */
async function askDoor(pipeline: Pipeline, stations: Stations, checkMoving: () => Promise<void>): Promise<string> {
  const { door } = stations.queues;
  const askedAt = Date.now();
  const ask = () => door.add('run', { trigger: 'once' });
  let adding = ask();
  let job: Awaited<typeof adding> | undefined;
  for (;;) {
    await sleep(50);
    await checkMoving();
    job ??= await within(redisPatienceMs, adding);
    const state = job === undefined ? undefined : await within(redisPatienceMs, job.getState());
    if (state === undefined || state === 'unknown') {
      // Redis is away or lost the job. A run that it opened before goes on without it.
      const [newest] = await patiently(() => newestRuns(pipeline.db, 1), ledgerPatienceMs);
      if (newest?.trigger === 'once' && newest.opened_at.getTime() >= askedAt) return newest.run_id;
    }
    if (state === 'unknown') {
      adding = ask();
      job = undefined;
    }
    if (state !== 'completed' && state !== 'failed') continue;
    const seen = await within(redisPatienceMs, door.getJob(job?.id ?? ''));
    const result = seen?.returnvalue as DoorResult | null | undefined;
    if (state === 'failed' && seen !== undefined) throw new TillcastError('ETL_RUN_OPEN', seen.failedReason);
    if (result?.outcome === 'left') throw new TillcastError('ETL_RUN_OPEN', result.because);
    if (result?.run_id !== undefined) return result.run_id;
  }
}

export function summaryOf(run: Run, seconds: number): OnceSummary {
  return {
    run_id: run.run_id,
    status: run.status,
    ...runCounts(run),
    seconds: Math.round(seconds * 100) / 100,
  };
}
