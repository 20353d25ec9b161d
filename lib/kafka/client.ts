import { Kafka, logLevel } from 'kafkajs';
import { messageOf, TillcastError } from '../core/errors.ts';
import { topicGap } from './topicGap.ts';

/** A client for brokers, as it is handed around; only this room looks inside. */
export type KafkaClient = Kafka;

/** Topic of a dataset's events: changes and counts together, so that a pair's events stay in one partition. */
export function eventTopic(dataset: string): string {
  return `tillcast.${dataset}.inventory_event`;
}

/** Another topic for the same dataset, made by the run of this number: no two are alike, so none is taken for another. */
export function replayTopic(dataset: string, runSeq: number): string {
  return `${eventTopic(dataset)}.r${runSeq}`;
}

/** Whether a topic is one of the dataset's, its present one or one that a replay made or left. */
export function isTopicOf(dataset: string, topic: string): boolean {
  const first = eventTopic(dataset);
  return topic === first || (topic.startsWith(`${first}.r`) && /^\d+$/.test(topic.slice(first.length + 2)));
}

/** The group that lag tools look at; reading itself never depends on it. */
export function lagGroup(dataset: string): string {
  return `tillcast-${dataset}`;
}

/** The group whose members (`follow`) share a dataset's partitions. */
export function followGroup(dataset: string): string {
  return `${lagGroup(dataset)}-follow`;
}

/** A kafkajs client with bounded waits; its own log is silent, errors come back as ours. */
export function kafkaClient(brokers: string, clientId: string): Kafka {
  return new Kafka({
    clientId,
    brokers: brokers.split(',').map((broker) => broker.trim()),
    connectionTimeout: 5_000,
    requestTimeout: 30_000,
    retry: { retries: 6, initialRetryTime: 200, maxRetryTime: 3_000 },
    logLevel: logLevel.NOTHING,
  });
}

/** Wraps what kafkajs threw. Everything of the network may be tried again; a batch that kafkajs cannot unpack may not. */
export function asKafkaError(
  code: 'ETL_KAFKA_PRODUCE' | 'ETL_KAFKA_READ',
  doing: string,
  error: unknown,
): TillcastError {
  if (error instanceof TillcastError) return error;
  if ((error as Error).name === 'KafkaJSNotImplemented') {
    const codec = messageOf(error).split(' ')[0];
    return topicGap(
      `Kafka, ${doing}: another client stored a batch with ${codec} compression, which cannot be read`,
      error,
    );
  }
  return new TillcastError(code, `Kafka, ${doing}: ${messageOf(error)}; it is tried again`, {
    retryable: true,
    cause: error,
  });
}
