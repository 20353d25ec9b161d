import type { Kafka } from 'kafkajs';
import { asKafkaError } from './client.ts';

const joinPatienceMs = 15_000;

/**
 * Tells lag tools how far PostgreSQL is. kafkajs's admin.setOffsets waits a whole 5 s poll, so a member of the group
 * joins for a moment, commits and leaves. @throws TillcastError ETL_KAFKA_READ
 */
export async function commitGroupOffsets(
  kafka: Kafka,
  groupId: string,
  topic: string,
  next: readonly { partition: number; nextOffset: bigint }[],
): Promise<void> {
  if (next.length === 0) return;
  const consumer = kafka.consumer({
    groupId,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: 50,
    sessionTimeout: 10_000,
  });
  const offsets = next.map(({ partition, nextOffset }) => ({ topic, partition, offset: nextOffset.toString() }));
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic] });
    const joined = new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.GROUP_JOIN, () => resolve());
      setTimeout(() => reject(new Error('joining the group took too long')), joinPatienceMs).unref();
    });
    joined.catch(() => undefined);
    await consumer.run({ autoCommit: false, eachBatch: async ({ pause }) => void pause() });
    await joined;
    await consumer.commitOffsets(offsets);
  } catch (error) {
    throw asKafkaError('ETL_KAFKA_READ', 'committing offsets for lag tools', error);
  } finally {
    await consumer.disconnect().catch(() => undefined);
  }
}
