import { createHash } from 'node:crypto';
import type { Pipeline } from '../../../jobs/pipeline.ts';
import { type OutgoingEvent, openProducer } from '../../../lib/kafka/eventProducer.ts';

/** Sales of 40 stores and 2,500 items over 60 days, in the order of their times, each once. */
export async function fill({ kafka }: Pipeline, topic: string, rows: number): Promise<void> {
  const producer = await openProducer(kafka, topic);
  const perSend = 2_000;
  for (let from = 0; from < rows; from += perSend) {
    await producer.send(Array.from({ length: Math.min(perSend, rows - from) }, (_, at) => saleOf(from + at, rows)));
  }
  await producer.flush();
  await producer.close();
}

function saleOf(at: number, rows: number): OutgoingEvent {
  const hash = createHash('md5').update(String(at)).digest();
  const hex = hash.toString('hex');
  const time = new Date(Date.UTC(2026, 0, 1) + (at / rows) * 60 * 86_400_000);
  return {
    event: {
      kind: 'change',
      storeId: hash.readUInt8(0) % 40,
      itemId: hash.readUInt16BE(1) % 2_500,
      dateTime: `${time.toISOString().slice(0, 10)} ${time.toISOString().slice(11, 16)}:00`,
      quantity: -1 - (hash.readUInt8(3) % 5),
      changeTypeId: 1,
      transId: `T${Math.floor(at / 3)}`,
      employeeId: '',
      leadingZeros: false,
      eventId: hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
    },
    from: { file: 'scale.csv', line: at + 2 },
  };
}
