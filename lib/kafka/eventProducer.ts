import type { Kafka } from 'kafkajs';
import type { IdentifiedEvent } from '../core/types.ts';
import { asKafkaError } from './client.ts';
import { type Batches, openDelivery } from './delivery.ts';
import { encodeEvent, eventKey, type Provenance } from './eventMessage.ts';
import { keyPartition } from './keyPartition.ts';
import { RecordBatch } from './recordBatch.ts';

export type OutgoingEvent = Readonly<{ event: IdentifiedEvent; from: Provenance }>;

/** A batch of more would pass the broker's message.max.bytes (1 MB for what goes to one partition). */
const batchBytes = 512 * 1024;
/** So many requests may be on their way: the broker writes one while the next is made. */
const inFlight = 4;

/** Sends in order; the next batch is prepared while the last ones are on their way. Several files may send at once. */
export type EventProducer = Readonly<{
  /** Returns when this batch is on its way, and few before it are not yet acknowledged. */
  send(batch: readonly OutgoingEvent[]): Promise<void>;
  /** Returns when everything sent is acknowledged by all replicas. */
  flush(): Promise<void>;
  close(): Promise<void>;
}>;

/** @throws TillcastError ETL_KAFKA_PRODUCE, retryable */
export async function openProducer(kafka: Kafka, topic: string): Promise<EventProducer> {
  const failed = (doing: string) => (error: unknown) => {
    throw asKafkaError('ETL_KAFKA_PRODUCE', doing, error);
  };
  const delivery = await openDelivery(kafka, topic).catch(failed('connecting the producer'));
  /** Room of batches that are acknowledged: taken anew for each, it would wait for the garbage collector. */
  const spare: Buffer[] = [];
  const onTheirWay = new Set<Promise<void>>();
  const acknowledged = async (downTo: number) => {
    while (onTheirWay.size > downTo) {
      const [oldest = Promise.resolve()] = onTheirWay;
      // One that failed stays, so that everybody who sends or flushes hears of it.
      await oldest.catch(failed(`sending to ${topic}`));
      onTheirWay.delete(oldest);
    }
  };
  return {
    async send(batch) {
      for (const batches of recordBatches(batch, delivery.partitions, new Date(), spare)) {
        await acknowledged(inFlight - 1);
        const delivering = delivery.deliver(batches).then(() => {
          for (const { buffer } of batches.values()) spare.push(Buffer.from(buffer));
        });
        delivering.catch(() => undefined);
        onTheirWay.add(delivering);
      }
    },
    flush: () => acknowledged(0),
    close: async () => delivery.close(),
  };
}

/** Events in their order, by partition, in batches that a broker takes; rows have bounded texts, so one never fills it. `spare` is written into first. */
export function* recordBatches(
  events: readonly OutgoingEvent[],
  partitions: number,
  sentAt: Date,
  spare: Buffer[] = [],
): Generator<Batches> {
  const sentTime = sentAt.toISOString();
  const finished = (filling: ReadonlyMap<number, RecordBatch>) =>
    new Map([...filling].map(([partition, batch]) => [partition, batch.finish(sentAt.getTime())]));
  let filling = new Map<number, RecordBatch>();
  // Most rows are this long; a batch that is not filled evenly grows.
  const capacity = Math.ceil((events.length / partitions) * 400) + 1024;
  for (const { event, from } of events) {
    const key = eventKey(event);
    const partition = keyPartition(key, partitions);
    let batch = filling.get(partition);
    if (batch !== undefined && batch.size > batchBytes) {
      yield finished(filling);
      filling = new Map();
      batch = undefined;
    }
    if (batch === undefined) {
      batch = new RecordBatch(spare.pop() ?? Buffer.allocUnsafeSlow(capacity));
      filling.set(partition, batch);
    }
    batch.add(key, encodeEvent(event, from, sentTime));
  }
  if (filling.size > 0) yield finished(filling);
}
