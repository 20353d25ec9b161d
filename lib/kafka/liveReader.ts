import type { Batch, Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { batchEvents } from './batchEvents.ts';
import { asKafkaError } from './client.ts';
import { type Chunk, type LiveBatch, merged } from './liveBatch.ts';
import { planRead, type ReadFrom, type ReadPlan } from './readPlan.ts';
import { hasStrays } from './strays.ts';
import { partitionOffsets } from './topics.ts';

export type LiveReader = Readonly<{
  /** Whether a rebalance gave it partitions that were not placed yet: `place` must come before the next `take`. */
  unplaced(): boolean;
  /** Goes on from where PostgreSQL stands; what was read and not taken is forgotten. @throws TillcastError ETL_KAFKA_GAP */
  place(from: readonly ReadFrom[]): Promise<void>;
  /** Partitions that this reader has now. */
  partitions(): readonly number[];
  /** The rows that came, at most about `maxRows`; undefined where none came within `maxWaitMs`. @throws TillcastError ETL_KAFKA_READ */
  take(limits: Readonly<{ maxRows: number; maxWaitMs: number; lingerMs: number }>): Promise<LiveBatch | undefined>;
  close(): Promise<void>;
}>;

const endless = 2n ** 62n;
const queuedRowsLimit = 60_000;
const heartbeatEveryMs = 1_000;

/**
 * A reader that stays in its group: readers of one group share the topic's partitions, whichever processes or hosts they
 * are in. Kafka only brings the rows; where reading goes on is PostgreSQL's word (`place`), and what two readers both
 * read counts once, by the compare-and-swap of the offsets. Pitfalls of kafkajs: kafka.md, section 2.
 */
export async function openLiveReader(kafka: Kafka, topic: string, groupId: string): Promise<LiveReader> {
  const consumer = kafka.consumer({
    groupId,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: 250,
    minBytes: 1,
    maxBytesPerPartition: 1024 * 1024,
    sessionTimeout: 10_000,
    heartbeatInterval: 2_000,
    retry: { retries: 6, initialRetryTime: 200 },
  });
  let assigned: readonly number[] = [];
  let placed = false;
  let partitions = 0;
  let failure: unknown;
  let queue: Chunk[] = [];
  let queuedRows = 0;
  const sleepers = new Set<() => void>();
  const plans = new Map<number, ReadPlan>();
  /** Partitions were given, and nobody said yet where to go on. Without any there is nothing to do but wait. */
  const unplaced = () => !placed && assigned.length > 0;
  const wake = () => {
    for (const rise of sleepers) rise();
  };
  const forget = () => {
    placed = false;
    queue = [];
    queuedRows = 0;
    wake();
  };

  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    assigned = payload.memberAssignment[topic] ?? [];
    forget();
  });
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (payload.restart) return;
    failure = payload.error;
    wake();
  });

  async function eachBatch({ batch, heartbeat }: EachBatchPayload): Promise<void> {
    const plan = plans.get(batch.partition);
    // A fetch that was under way when the reader was placed elsewhere: what is missing before it comes again.
    if (!placed || plan === undefined || fetchedFrom(batch) > plan.position) return;
    const startedAt = performance.now();
    let from = plan.position;
    if (from < plan.from) from = plan.from;
    const { events, poison, sentMs } = batchEvents(topic, plan, batch.messages);
    const to = BigInt(batch.lastOffset()) + 1n;
    if (to <= plan.position) return;
    plan.position = to;
    if (to <= from) return;
    const strays = hasStrays(events, batch.partition, partitions);
    const parseMs = performance.now() - startedAt;
    queue.push({
      partition: batch.partition,
      from,
      to,
      lastEventId: plan.lastEventId,
      events,
      poison,
      sentMs,
      parseMs,
      strays,
    });
    queuedRows += events.length;
    wake();
    while (placed && queuedRows > queuedRowsLimit) {
      await sleepOr(heartbeatEveryMs);
      await heartbeat();
    }
  }

  /** Until something happens, at most so long. */
  function sleepOr(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const rise = () => {
        clearTimeout(timer);
        sleepers.delete(rise);
        resolve();
      };
      const timer = setTimeout(rise, ms);
      sleepers.add(rise);
    });
  }

  await start(consumer, topic, (payload) =>
    eachBatch(payload).catch((error: unknown) => {
      failure ??= error;
      wake();
    }),
  );

  return {
    unplaced,
    partitions: () => assigned,
    async place(from) {
      forget();
      const wanted = new Set(assigned);
      const here = planRead(topic, from, await partitionOffsets(kafka, topic));
      plans.clear();
      partitions = here.length;
      for (const plan of here.filter(({ partition }) => wanted.has(partition))) {
        plans.set(plan.partition, { ...plan, until: endless });
        consumer.seek({ topic, partition: plan.partition, offset: plan.position.toString() });
      }
      placed = assigned.length > 0 && assigned.every((partition) => wanted.has(partition));
    },
    async take({ maxRows, maxWaitMs, lingerMs }) {
      const askedAt = performance.now();
      while (queue.length === 0 && failure === undefined && !unplaced() && performance.now() - askedAt < maxWaitMs) {
        await sleepOr(maxWaitMs - (performance.now() - askedAt));
      }
      const waitMs = performance.now() - askedAt;
      // Rows that were sent together come partition by partition: a moment later they are one batch.
      const firstAt = performance.now();
      while (queue.length > 0 && queuedRows < maxRows && performance.now() - firstAt < lingerMs) {
        await sleepOr(lingerMs - (performance.now() - firstAt));
      }
      if (failure !== undefined) throw asKafkaError('ETL_KAFKA_READ', `following ${topic}`, failure);
      const chunks: Chunk[] = [];
      for (let rows = 0; queue.length > 0 && rows < maxRows; ) {
        const chunk = queue.shift() as Chunk;
        chunks.push(chunk);
        rows += chunk.events.length;
        queuedRows -= chunk.events.length;
      }
      wake();
      return chunks.length === 0 ? undefined : merged(chunks, waitMs);
    },
    async close() {
      placed = false;
      queuedRows = 0;
      wake();
      await consumer.disconnect().catch(() => undefined);
    },
  };
}

async function start(consumer: Consumer, topic: string, eachBatch: (payload: EachBatchPayload) => Promise<void>) {
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({ autoCommit: false, eachBatch });
  } catch (error) {
    await consumer.disconnect().catch(() => undefined);
    throw asKafkaError('ETL_KAFKA_READ', `following ${topic}`, error);
  }
}

/** The offset that was asked for; kafkajs has it, its types do not. */
const fetchedFrom = (batch: Batch) => BigInt((batch as Batch & { fetchedOffset: string }).fetchedOffset);
