import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestHandler } from 'express';
import type { DoorResult } from '../../jobs/run.ts';
import type { Queues } from '../../lib/queue/queues.ts';
import { withPatience } from '../patience.ts';

const redisPatienceMs = 5_000;
const doorPatienceMs = 2_000;

/** *Run now*: adds `{}` to the door, waits for its word a moment, and goes home, where that word is shown. */
export function runNow(queues: Queues): RequestHandler {
  return async (_request, response) => {
    response.redirect(303, `/runs?job=${encodeURIComponent(await knock(queues))}`);
  };
}

/** The same for programs: what the door said. */
export async function askDoor(
  queues: Queues,
): Promise<{ outcome: DoorResult['outcome'] | 'asked'; run_id: string | null; because: string }> {
  const job = await queues.door.getJob(await knock(queues));
  const result = job?.returnvalue as DoorResult | null | undefined;
  if (result != null) return result;
  return {
    outcome: 'asked',
    run_id: null,
    because: job?.failedReason ?? 'the run is asked for; no worker has taken it yet',
  };
}

/** Adds `{}` to the door and waits a moment for its word; the id of the job. */
async function knock(queues: Queues): Promise<string> {
  const silent =
    'Redis, which holds the queue, does not answer: the run starts when it does, there is no need to press again';
  const job = await withPatience(queues.door.add('run', {}), redisPatienceMs, silent);
  const end = Date.now() + doorPatienceMs;
  while (Date.now() < end && !['completed', 'failed'].includes(await job.getState())) await sleep(50);
  return job.id ?? '';
}

/**
 * What the door said to a press of *Run now*, as a fragment of a sentence; undefined where there is nothing to say, or
 * Redis is away, which the page says anyway.
 */
export async function doorsWord(queues: Queues, jobId: string | undefined): Promise<string | undefined> {
  if (jobId === undefined || !/^[\w-]{1,64}$/.test(jobId)) return undefined;
  return withPatience(wordOn(queues, jobId), doorPatienceMs, 'Redis does not answer').catch(() => undefined);
}

async function wordOn(queues: Queues, jobId: string): Promise<string | undefined> {
  const job = await queues.door.getJob(jobId);
  if (job === undefined) return undefined;
  const state = await job.getState();
  if (state === 'failed') return job.failedReason;
  if (state !== 'completed') return 'the run is asked for; no worker has taken it yet';
  const { outcome, run_id, because } = job.returnvalue as DoorResult;
  return outcome === 'started' ? `run ${run_id} began` : because;
}
