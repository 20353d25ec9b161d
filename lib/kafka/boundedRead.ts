import { randomUUID } from 'node:crypto';
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { TillcastError } from '../core/errors.ts';
import type { IdentifiedEvent } from '../core/types.ts';
import { batchEvents, type PoisonMessage } from './batchEvents.ts';
import { asKafkaError } from './client.ts';
import { planRead, type ReadFrom, type ReadPlan } from './readPlan.ts';
import { partitionOffsets, withAdmin } from './topics.ts';

/** What one fetch brought of one partition. */
export type ReadBatch = Readonly<{
  partition: number;
  events: readonly IdentifiedEvent[];
  poison: readonly PoisonMessage[];
}>;

/** How many messages are to be read of a partition; control records may be among them. */
export type PartitionLoad = Readonly<{ partition: number; messages: number }>;

export type ReadResult = Readonly<{
  ranges: readonly { partition: number; from: bigint; to: bigint; lastEventId: string | null }[];
  rows: number;
  /** How many partitions the topic has. */
  partitions: number;
  /** Mean of the events' sent_time, null where nothing was read. */
  meanSentAt: Date | null;
  waitMs: number;
}>;

const noProgressMs = 60_000;
const joinPatienceMs = 30_000;

/**
 * Reads every partition from where PostgreSQL stands to the high watermark of now, and no further. Batches are handed
 * to `onBatch` in partition order; when it returns, they are safe. Pattern and pitfalls: kafka.md, section 2.
 * @throws TillcastError ETL_KAFKA_GAP (topic gone, recreated, or offsets past retention), ETL_KAFKA_READ otherwise
 */
export async function readBounded(input: {
  kafka: Kafka;
  topic: string;
  group: string;
  from: readonly ReadFrom[];
  /** What will come, told before the first batch. */
  onPlan?: (loads: readonly PartitionLoad[]) => Promise<void>;
  onBatch: (batch: ReadBatch) => Promise<void>;
  signal?: AbortSignal;
}): Promise<ReadResult> {
  const { kafka, topic, onBatch, signal } = input;
  const plans = planRead(topic, input.from, await partitionOffsets(kafka, topic));
  await input.onPlan?.(plans.map(({ partition, from, until }) => ({ partition, messages: Number(until - from) })));
  const unfinished = new Map(plans.filter((plan) => plan.position < plan.until).map((plan) => [plan.partition, plan]));
  const tally = { rows: 0, sentMs: 0, waitMs: 0 };
  if (unfinished.size > 0) {
    const groupId = `${input.group}-read-${randomUUID()}`;
    // Offsets live in PostgreSQL, so each read takes a group of its own: no dead member can block it.
    const consumer = kafka.consumer({
      groupId,
      allowAutoTopicCreation: false,
      maxWaitTimeInMs: 250,
      minBytes: 1,
      maxBytesPerPartition: 1024 * 1024,
      sessionTimeout: 30_000,
      retry: { retries: 6, initialRetryTime: 200, restartOnFailure: async () => !joined },
    });
    let joined = false;
    consumer.on(consumer.events.GROUP_JOIN, () => {
      joined = true;
    });
    try {
      await readUntilDone(consumer, topic, unfinished, tally, onBatch, signal);
    } catch (error) {
      throw asKafkaError('ETL_KAFKA_READ', `reading ${topic}`, error);
    } finally {
      await consumer.disconnect().catch(() => undefined);
      await withAdmin(kafka, (admin) => admin.deleteGroups([groupId])).catch(() => undefined);
    }
  }
  return {
    ranges: plans
      .filter((plan) => plan.until > plan.from)
      .map((plan) => ({
        partition: plan.partition,
        from: plan.from,
        to: plan.until,
        lastEventId: plan.lastEventId,
      })),
    rows: tally.rows,
    partitions: plans.length,
    meanSentAt: tally.rows === 0 ? null : new Date(tally.sentMs / tally.rows),
    waitMs: tally.waitMs,
  };
}

async function readUntilDone(
  consumer: Consumer,
  topic: string,
  unfinished: Map<number, ReadPlan>,
  tally: { rows: number; sentMs: number; waitMs: number },
  onBatch: (batch: ReadBatch) => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<void> {
  let resolve: () => void = () => undefined;
  let reject: (reason: unknown) => void = () => undefined;
  const finished = new Promise<void>((done, fail) => {
    resolve = done;
    reject = fail;
  });
  finished.catch(() => undefined);
  let lastProgress = Date.now() + joinPatienceMs;
  let waitingSince = performance.now();
  const watchdog = setInterval(() => {
    if (Date.now() - lastProgress < noProgressMs) return;
    const left = [...unfinished.values()].map((plan) => `${plan.partition}: ${plan.position} of ${plan.until}`);
    reject(
      new TillcastError('ETL_KAFKA_READ', `no progress for ${noProgressMs / 1000} s (${left.join(', ')})`, {
        retryable: true,
      }),
    );
  }, 1_000);
  const onAbort = () => reject(signal?.reason as Error);
  signal?.addEventListener('abort', onAbort, { once: true });

  const seekAll = () => {
    for (const plan of unfinished.values()) {
      consumer.seek({ topic, partition: plan.partition, offset: plan.position.toString() });
    }
  };
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    const assigned = new Set(payload.memberAssignment[topic] ?? []);
    const missing = [...unfinished.keys()].filter((partition) => !assigned.has(partition));
    if (missing.length > 0) {
      reject(
        new TillcastError('ETL_KAFKA_READ', `partitions ${missing.join(', ')} went to another reader`, {
          retryable: true,
        }),
      );
      return;
    }
    seekAll();
  });
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart) reject(payload.error);
  });
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
    const plan = unfinished.get(payload.partition);
    if (plan === undefined) return;
    // Control records never reach eachBatch, so the batch's last offset tells how far we are.
    const after = BigInt(payload.lastOffset) + 1n;
    if (after > plan.position) {
      plan.position = after < plan.until ? after : plan.until;
      lastProgress = Date.now();
    }
    if (plan.position >= plan.until) unfinished.delete(payload.partition);
    if (unfinished.size === 0) resolve();
  });

  const eachBatch = async ({ batch, heartbeat, pause }: EachBatchPayload) => {
    const plan = unfinished.get(batch.partition);
    if (plan === undefined) {
      pause();
      return;
    }
    tally.waitMs += performance.now() - waitingSince;
    const { events, poison, sentMs } = batchEvents(topic, plan, batch.messages);
    tally.rows += events.length;
    tally.sentMs += sentMs;
    await onBatch({ partition: batch.partition, events, poison });
    lastProgress = Date.now();
    waitingSince = performance.now();
    await heartbeat();
  };

  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      // kafkajs retries a failing handler for ever, so the outer promise takes the error (kafka.md, section 2).
      eachBatch: (payload) => eachBatch(payload).catch((error) => reject(error)),
    });
    await finished;
  } finally {
    clearInterval(watchdog);
    signal?.removeEventListener('abort', onAbort);
  }
}
