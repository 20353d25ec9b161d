import type { Kafka } from 'kafkajs';
import { withAdmin } from './topics.ts';

export type BrokerAddress = Readonly<{ nodeId: number; host: string; port: number }>;

/** Which broker leads each partition of a topic, by partition. A partition without a leader is missing. */
export type PartitionLeaders = Readonly<{ partitions: number; leaderOf: ReadonlyMap<number, BrokerAddress> }>;

/** @throws TillcastError ETL_KAFKA_PRODUCE, retryable, where the broker does not answer */
export async function partitionLeaders(kafka: Kafka, topic: string): Promise<PartitionLeaders> {
  return withAdmin(
    kafka,
    async (admin) => {
      const { brokers } = await admin.describeCluster();
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      const partitions = topics[0]?.partitions ?? [];
      const leaderOf = new Map<number, BrokerAddress>();
      for (const { partitionId, leader } of partitions) {
        const broker = brokers.find(({ nodeId }) => nodeId === leader);
        if (broker !== undefined) leaderOf.set(partitionId, broker);
      }
      return { partitions: partitions.length, leaderOf };
    },
    'ETL_KAFKA_PRODUCE',
  );
}
