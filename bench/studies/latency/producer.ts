import { readSettings } from '../../../config/settings.ts';
import { kafkaClient } from '../../../lib/kafka/client.ts';
import { type EventProducer, type OutgoingEvent, openProducer } from '../../../lib/kafka/eventProducer.ts';
import { type BurstShare, shareOf } from './burst.ts';

/**
 * A process of its own that sends its share of a burst with the product's producer. Told `{ prepare }` it makes the rows
 * and answers 'ready'; told 'go' it sends them. Each send stamps its own sent_time.
 */
const { kafkaBrokers, rowsPerSend } = readSettings();
const kafka = kafkaClient(kafkaBrokers ?? '', `tillcast-bench:${process.pid}`);
const producers = new Map<string, EventProducer>();
let topic = '';
let share: readonly OutgoingEvent[] = [];

async function prepare(order: BurstShare): Promise<void> {
  topic = order.topic;
  if (!producers.has(topic)) producers.set(topic, await openProducer(kafka, topic));
  share = shareOf(order);
  process.send?.('ready');
}

async function go(): Promise<void> {
  const producer = producers.get(topic) as EventProducer;
  for (let row = 0; row < share.length; row += rowsPerSend) await producer.send(share.slice(row, row + rowsPerSend));
  await producer.flush();
}

const fail = (error: unknown) => {
  console.error(error);
  process.exit(1);
};

process.on('message', (told: 'go' | { prepare: BurstShare }) => {
  (told === 'go' ? go() : prepare(told.prepare)).catch(fail);
});
// The study has ended, or was killed.
process.on('disconnect', () => process.exit(0));
