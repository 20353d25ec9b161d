import type { KafkaClient } from '../../lib/kafka/client.ts';
import { withAdmin } from '../../lib/kafka/topics.ts';

/** Deletes one topic where it is there, and with it a group; a group that never was is no matter. */
export async function dropTopic(kafka: KafkaClient, topic: string, groupId?: string): Promise<void> {
  await withAdmin(kafka, async (admin) => {
    if ((await admin.listTopics()).includes(topic)) await admin.deleteTopics({ topics: [topic] });
    if (groupId !== undefined) await admin.deleteGroups([groupId]).catch(() => undefined);
  });
}
