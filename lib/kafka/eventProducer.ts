import { type Kafka, Partitioners } from 'kafkajs';
import type { IdentifiedEvent } from '../core/types.ts';
import { asKafkaError } from './client.ts';
import { encodeEvent, type Provenance } from './eventMessage.ts';

export type OutgoingEvent = Readonly<{ event: IdentifiedEvent; from: Provenance }>;

/** A request of more would pass the broker's message.max.bytes (1 MB for what goes to one partition). */
const requestBytes = 512 * 1024;

/** Sends in order, one request at a time; the next batch is prepared while the last is on its way. */
export type EventProducer = Readonly<{
  /** Returns when the batch before is acknowledged and this one is on its way. */
  send(batch: readonly OutgoingEvent[]): Promise<void>;
  /** Returns when everything sent is acknowledged by all replicas. */
  flush(): Promise<void>;
  close(): Promise<void>;
}>;

/** @throws TillcastError ETL_KAFKA_PRODUCE, retryable */
export async function openProducer(kafka: Kafka, topic: string): Promise<EventProducer> {
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
    maxInFlightRequests: 1,
  });
  try {
    await producer.connect();
  } catch (error) {
    throw asKafkaError('ETL_KAFKA_PRODUCE', 'connecting the producer', error);
  }
  let onItsWay: Promise<unknown> = Promise.resolve();
  const acknowledged = async () => {
    try {
      await onItsWay;
    } catch (error) {
      throw asKafkaError('ETL_KAFKA_PRODUCE', `sending to ${topic}`, error);
    }
  };
  return {
    async send(batch) {
      const sentTime = new Date().toISOString();
      const messages = batch.map(({ event, from }) => ({
        key: `${event.storeId}:${event.itemId}`,
        value: encodeEvent(event, from, sentTime),
      }));
      for (const request of requests(messages)) {
        await acknowledged();
        onItsWay = producer.send({ topic, messages: request, acks: -1 });
        onItsWay.catch(() => undefined);
      }
    },
    flush: acknowledged,
    close: () => producer.disconnect(),
  };
}

type Message = Readonly<{ key: string; value: string }>;

/** Messages in their order, in requests that a broker takes; rows have bounded texts, so one never fills a request. */
export function requests(messages: readonly Message[]): Message[][] {
  const all: Message[][] = [];
  let bytes = requestBytes;
  for (const message of messages) {
    const more = Buffer.byteLength(message.value) + message.key.length;
    if (bytes + more > requestBytes) {
      all.push([]);
      bytes = 0;
    }
    all.at(-1)?.push(message);
    bytes += more;
  }
  return all;
}
