import type { Admin, Kafka } from 'kafkajs';
import { TillcastError } from '../core/errors.ts';
import { asKafkaError } from './client.ts';

/** Offsets of one partition as the broker has them: `low` is the oldest kept, `highWatermark` the next to come. */
export type PartitionOffsets = Readonly<{ partition: number; low: bigint; highWatermark: bigint }>;

export async function withAdmin<T>(kafka: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    return await work(admin);
  } catch (error) {
    throw asKafkaError('ETL_KAFKA_READ', 'asking the broker', error);
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

/**
 * Makes the topic if it is missing: kept for ever (`replay` needs it), never compacted. Returns its partition count;
 * an existing topic keeps its own, as keys must stay where they are.
 */
export async function ensureTopic(kafka: Kafka, topic: string, partitions: number): Promise<number> {
  return withAdmin(kafka, async (admin) => {
    const existing = (await admin.listTopics()).includes(topic);
    if (!existing) {
      await admin.createTopics({
        waitForLeaders: true,
        topics: [
          {
            topic,
            numPartitions: partitions,
            configEntries: [
              { name: 'cleanup.policy', value: 'delete' },
              { name: 'retention.ms', value: '-1' },
              { name: 'retention.bytes', value: '-1' },
            ],
          },
        ],
      });
    }
    const metadata = await admin.fetchTopicMetadata({ topics: [topic] });
    return metadata.topics[0]?.partitions.length ?? 0;
  });
}

/** @throws TillcastError ETL_KAFKA_GAP where the topic is not there */
export async function partitionOffsets(kafka: Kafka, topic: string): Promise<PartitionOffsets[]> {
  return withAdmin(kafka, async (admin) => {
    if (!(await admin.listTopics()).includes(topic)) {
      throw new TillcastError(
        'ETL_KAFKA_GAP',
        `topic ${topic} is gone; nothing of PostgreSQL is lost. Forget the dataset and load its files again: ` +
          'npm run reset -- --dataset NAME --yes, then npm run once',
      );
    }
    const offsets = await admin.fetchTopicOffsets(topic);
    return offsets
      .map((at) => ({ partition: at.partition, low: BigInt(at.low), highWatermark: BigInt(at.high) }))
      .sort((a, b) => a.partition - b.partition);
  });
}

/** Forgets a topic where it is there, and with the dataset the group that lag tools look at. */
export async function dropTopic(kafka: Kafka, topic: string, groupId?: string): Promise<void> {
  await withAdmin(kafka, async (admin) => {
    if ((await admin.listTopics()).includes(topic)) await admin.deleteTopics({ topics: [topic] });
    // A group that never was is no matter.
    if (groupId !== undefined) await admin.deleteGroups([groupId]).catch(() => undefined);
  });
}
