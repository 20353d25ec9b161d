import { setTimeout as sleep } from 'node:timers/promises';
import { FlowProducer, type JobsOptions, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { endConnection } from './connection.ts';
import type { EtlRunData, StepData } from './jobData.ts';

export const queueNames = { door: 'etl-run', produce: 'produce', consume: 'consume' } as const;

const closePatienceMs = 5_000;
const day = 24 * 3600;

/** Kept for a week, so that a person can look; the ledger in PostgreSQL is the memory. */
const retention = { removeOnComplete: { age: 7 * day, count: 1_000 }, removeOnFail: { age: 14 * day } };

/** So many tries in all: with the waits of `retryDelayMs` a service may be away for about five minutes. */
export const jobAttempts = 20;
export const cappedBackoff = 'capped';

/**
 * Milliseconds before the next try: 1 s, 2 s, 4 s, 8 s, then every 15 s, so that a service that comes back is noticed
 * soon, and a run that waits is never taken for abandoned (30 s).
 */
export function retryDelayMs(attemptsMade: number): number {
  return Math.min(1_000 * 2 ** Math.max(0, attemptsMade - 1), 15_000);
}

/** Adding a run that exists already does nothing, whatever became of it. */
export const doorJobOptions: JobsOptions = {
  attempts: jobAttempts,
  backoff: { type: cappedBackoff },
  ...retention,
};

/** Flow nodes ignore a queue's defaults, so each says its own (queue.md, 1.2). */
const stepJobOptions: JobsOptions = {
  attempts: jobAttempts,
  backoff: { type: cappedBackoff },
  keepLogs: 500,
  ...retention,
};

export type Queues = Readonly<{
  door: Queue<EtlRunData>;
  produce: Queue<StepData>;
  consume: Queue<StepData>;
  flow: FlowProducer;
  close(): Promise<void>;
}>;

/** The three queues of a dataset and the producer of their flow, on one connection. */
export function openQueues(connection: Redis, prefix: string): Queues {
  const options = { connection, prefix };
  const door = new Queue<EtlRunData>(queueNames.door, { ...options, defaultJobOptions: doorJobOptions });
  const produce = new Queue<StepData>(queueNames.produce, { ...options, defaultJobOptions: stepJobOptions });
  const consume = new Queue<StepData>(queueNames.consume, { ...options, defaultJobOptions: stepJobOptions });
  const flow = new FlowProducer(options);
  const unheard = () => undefined;
  for (const queue of [door, produce, consume] as Queue[]) queue.on('error', unheard);
  flow.on('error', unheard);
  return {
    door,
    produce,
    consume,
    flow,
    async close() {
      const closing = Promise.allSettled([door.close(), produce.close(), consume.close(), flow.close()]);
      // With Redis away a queue's close would wait for it for ever.
      await Promise.race([closing, sleep(closePatienceMs, undefined, { ref: false })]);
      endConnection(connection);
    },
  };
}

/** Adds the flow of a run, consume waiting for produce; the same run twice is one flow (fixed ids). */
export async function addRunFlow(queues: Queues, runId: string): Promise<void> {
  const data: StepData = { run_id: runId };
  await queues.flow.add({
    name: 'consume',
    queueName: queueNames.consume,
    data,
    opts: { ...stepJobOptions, jobId: `consume-${runId}` },
    children: [
      { name: 'produce', queueName: queueNames.produce, data, opts: { ...stepJobOptions, jobId: `produce-${runId}` } },
    ],
  });
}

/** Retries the step of a run that failed for good; undefined where the queue holds no such job (it was lost). */
export async function retryFailedStep(queues: Queues, runId: string): Promise<'produce' | 'consume' | undefined> {
  for (const step of ['produce', 'consume'] as const) {
    const job = await queues[step].getJob(`${step}-${runId}`);
    if (job === undefined || !(await job.isFailed())) continue;
    await job.retry('failed', { resetAttemptsMade: true });
    return step;
  }
  return undefined;
}

/** The job id of a slot's run: added twice (clock, sweep, another host) it is one job. */
export function doorJobId(runId: string): string {
  return `run-${runId}`;
}

/** Forgets the queues of a dataset or of one run. */
export async function dropQueues(queues: Queues): Promise<void> {
  for (const queue of [queues.door, queues.produce, queues.consume]) {
    await queue.obliterate({ force: true });
  }
}

/** Removes consumers that still wait for their producer, of runs that are over. */
export async function removeOrphans(queues: Queues, overRunIds: ReadonlySet<string>): Promise<void> {
  if (overRunIds.size === 0) return;
  for (const job of await queues.consume.getWaitingChildren(0, 200)) {
    if (overRunIds.has(job.data.run_id)) await job.remove().catch(() => undefined);
  }
}
