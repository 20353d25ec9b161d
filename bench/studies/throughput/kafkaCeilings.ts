import kafkajs from 'kafkajs';
import { TillcastError } from '../../../lib/core/errors.ts';
import type { KafkaClient } from '../../../lib/kafka/client.ts';
import { encodeEvent } from '../../../lib/kafka/eventMessage.ts';
import type { OutgoingEvent } from '../../../lib/kafka/eventProducer.ts';
import { ensureTopic, withAdmin } from '../../../lib/kafka/topics.ts';
import type { StudyContext } from '../../study.ts';
import { perfTools } from './kafkaTools.ts';

/** Rows per second. Kafka's own tools are null where their jars cannot be had. */
export type KafkaCeilings = Readonly<{
  messageBytes: number;
  kafkajsProduce: number;
  kafkajsConsume: number;
  perfProduce: number | null;
  perfConsume: number | null;
}>;

const rowsPerSend = 2_000;
const sendsPrepared = 50;

/** One kafkajs producer and one kafkajs reader on the product's own messages, then Kafka's own tools on as many bytes. */
export async function kafkaCeilings(
  context: StudyContext,
  kafka: KafkaClient,
  events: readonly OutgoingEvent[],
): Promise<KafkaCeilings> {
  const topics = ['bench.kafkajs', 'bench.perf'] as const;
  for (const topic of topics) await ensureTopic(kafka, topic, context.settings().partitions);
  try {
    const { rate, messageBytes } = await produceByKafkajs(kafka, topics[0], events);
    const kafkajsConsume = await consumeByKafkajs(kafka, topics[0], events.length);
    const perf = await perfTools(context, topics[1], events.length, messageBytes).catch((error) => {
      context.signal.throwIfAborted();
      if (!(error instanceof TillcastError)) throw error;
      context.say(`Kafka's own tools are left out: ${error.message}`);
      return { perfProduce: null, perfConsume: null };
    });
    return { messageBytes, kafkajsProduce: rate, kafkajsConsume, ...perf };
  } finally {
    await withAdmin(kafka, (admin) => admin.deleteTopics({ topics: [...topics] }));
  }
}

/** Messages are made before the clock runs, some sends at a time so that they need not all stand in memory. */
async function produceByKafkajs(kafka: KafkaClient, topic: string, events: readonly OutgoingEvent[]) {
  const producer = kafka.producer({
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    maxInFlightRequests: 1,
  });
  await producer.connect();
  let ms = 0;
  let bytes = 0;
  try {
    for (let at = 0; at < events.length; at += sendsPrepared * rowsPerSend) {
      const sentTime = new Date().toISOString();
      const messages = events.slice(at, at + sendsPrepared * rowsPerSend).map(({ event, from }) => ({
        key: `${event.storeId}:${event.itemId}`,
        value: encodeEvent(event, from, sentTime),
      }));
      for (const { value } of messages) bytes += value.length;
      const begun = performance.now();
      for (let next = 0; next < messages.length; next += rowsPerSend) {
        await producer.send({ topic, messages: messages.slice(next, next + rowsPerSend), acks: -1 });
      }
      ms += performance.now() - begun;
    }
  } finally {
    await producer.disconnect();
  }
  return { rate: (1000 * events.length) / ms, messageBytes: Math.round(bytes / events.length) };
}

/** From the first batch to the last message: joining the group is not in it. */
async function consumeByKafkajs(kafka: KafkaClient, topic: string, rows: number): Promise<number> {
  const consumer = kafka.consumer({ groupId: topic, maxWaitTimeInMs: 250, maxBytesPerPartition: 4 * 1024 * 1024 });
  await consumer.connect();
  let left = rows;
  let quantity = 0;
  try {
    const begun = await new Promise<number>((resolve, reject) => {
      let first = 0;
      consumer.on(consumer.events.GROUP_JOIN, () => {
        first = performance.now();
      });
      const read = async () => {
        await consumer.subscribe({ topics: [topic], fromBeginning: true });
        await consumer.run({
          autoCommit: false,
          eachBatch: async ({ batch }) => {
            for (const { value } of batch.messages) {
              quantity += (JSON.parse(value?.toString() ?? '') as { quantity: number }).quantity;
            }
            left -= batch.messages.length;
            if (left <= 0) resolve(first);
          },
        });
      };
      read().catch(reject);
    });
    if (!Number.isFinite(quantity)) throw new TillcastError('ETL_RUN_FAILED', 'a message had no quantity');
    return (1000 * rows) / (performance.now() - begun);
  } finally {
    await consumer.disconnect();
  }
}
