// Node finds no name in kafkajs beyond the first few, so these two come by its default.
import kafkajs, { type Admin, type Kafka } from 'kafkajs';
import { asKafkaError, followGroup, isTopicOf, lagGroup } from './client.ts';
import { topicGap } from './topicGap.ts';

/** Offsets of one partition as the broker has them: `low` is the oldest kept, `highWatermark` the next to come. */
export type PartitionOffsets = Readonly<{ partition: number; low: bigint; highWatermark: bigint }>;

export async function withAdmin<T>(
  kafka: Kafka,
  work: (admin: Admin) => Promise<T>,
  code: 'ETL_KAFKA_READ' | 'ETL_KAFKA_PRODUCE' = 'ETL_KAFKA_READ',
): Promise<T> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    return await work(admin);
  } catch (error) {
    throw asKafkaError(code, 'asking the broker', error);
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

/** Kept for ever (`replay` needs it), never compacted, and stored unpacked: kafkajs reads no codec but gzip. */
const topicConfig = [
  { name: 'cleanup.policy', value: 'delete' },
  { name: 'retention.ms', value: '-1' },
  { name: 'retention.bytes', value: '-1' },
  { name: 'compression.type', value: 'uncompressed' },
];

/**
 * Makes the topic if it is missing. Returns its partition count; an existing topic keeps its own, as keys must stay
 * where they are.
 * @throws TillcastError ETL_KAFKA_GAP where a topic is missing of which events were applied (`mustExist`)
 */
export async function ensureTopic(kafka: Kafka, topic: string, partitions: number, mustExist = false): Promise<number> {
  return withAdmin(kafka, async (admin) => {
    if ((await admin.listTopics()).includes(topic)) await storeUnpacked(admin, topic);
    else if (mustExist) throw gone(topic);
    else {
      await admin.createTopics({
        waitForLeaders: true,
        topics: [{ topic, numPartitions: partitions, configEntries: topicConfig }],
      });
    }
    const metadata = await admin.fetchTopicMetadata({ topics: [topic] });
    return metadata.topics[0]?.partitions.length ?? 0;
  });
}

const gone = (topic: string) => topicGap(`topic ${topic} is gone: it was deleted`);

/** Lets the broker unpack what other clients compress. kafkajs can only set all overrides at once, so the others go along. */
async function storeUnpacked(admin: Admin, topic: string): Promise<void> {
  const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name: topic };
  const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] });
  const entries = resources[0]?.configEntries ?? [];
  if (
    entries.some(({ configName, configValue }) => configName === 'compression.type' && configValue === 'uncompressed')
  )
    return;
  const kept = entries
    .filter(
      ({ configName, configSource }) =>
        configSource === kafkajs.ConfigSource.TOPIC_CONFIG && configName !== 'compression.type',
    )
    .map(({ configName, configValue }) => ({ name: configName, value: configValue }));
  const configEntries = [...kept, { name: 'compression.type', value: 'uncompressed' }];
  await admin.alterConfigs({ validateOnly: false, resources: [{ ...resource, configEntries }] });
}

/** @throws TillcastError ETL_KAFKA_GAP where the topic is not there */
export async function partitionOffsets(kafka: Kafka, topic: string): Promise<PartitionOffsets[]> {
  return withAdmin(kafka, async (admin) => {
    if (!(await admin.listTopics()).includes(topic)) throw gone(topic);
    const offsets = await admin.fetchTopicOffsets(topic);
    return offsets
      .map((at) => ({ partition: at.partition, low: BigInt(at.low), highWatermark: BigInt(at.high) }))
      .sort((a, b) => a.partition - b.partition);
  });
}

/** Forgets the dataset's topics but the one to keep; without one to keep also its groups. */
export async function dropTopics(kafka: Kafka, dataset: string, keep?: string): Promise<void> {
  await withAdmin(kafka, async (admin) => {
    const topics = (await admin.listTopics()).filter((topic) => isTopicOf(dataset, topic) && topic !== keep);
    if (topics.length > 0) await admin.deleteTopics({ topics });
    // A group that never was is no matter.
    if (keep !== undefined) return;
    for (const group of [lagGroup(dataset), followGroup(dataset)]) {
      await admin.deleteGroups([group]).catch(() => undefined);
    }
  });
}
