import { Kafka, logLevel } from 'kafkajs';
import { messageOf } from '../core/errors.ts';

/** Whether a broker answers; `reason` is one line. Never throws. */
export type KafkaAnswer = { ok: true; server: string } | { ok: false; reason: string };

/**
 * Asks the cluster for its brokers and a group coordinator, within about `timeoutMs`. The second question makes a fresh
 * broker create `__consumer_offsets`, so that the first real group does not meet "coordinator is not available".
 * Kafka's protocol does not tell the version of the server.
 */
export async function kafkaAnswers(brokers: string, timeoutMs = 10_000): Promise<KafkaAnswer> {
  const kafka = new Kafka({
    clientId: 'tillcast-probe',
    brokers: brokers.split(','),
    logLevel: logLevel.NOTHING,
    connectionTimeout: Math.min(timeoutMs, 3000),
    requestTimeout: timeoutMs,
    retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 500 },
  });
  const admin = kafka.admin();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<KafkaAnswer>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, reason: `no answer within ${timeoutMs / 1000} s` }), timeoutMs);
  });
  const ask = async (): Promise<KafkaAnswer> => {
    try {
      await admin.connect();
      const { brokers: nodes } = await admin.describeCluster();
      await admin.fetchOffsets({ groupId: 'tillcast-warm', topics: [] });
      return { ok: true, server: nodes.length > 1 ? `Apache Kafka, ${nodes.length} brokers` : 'Apache Kafka' };
    } catch (error) {
      return { ok: false, reason: messageOf(error) };
    }
  };
  try {
    return await Promise.race([ask(), late]);
  } finally {
    clearTimeout(timer);
    await admin.disconnect().catch(() => {});
  }
}
