import { expect, test } from '@jest/globals';
import { type OutgoingEvent, recordBatches } from '../../../lib/kafka/eventProducer.ts';
import { countIn } from './recordBatchParts.ts';

const outgoing = (transId: string, itemId: number): OutgoingEvent => ({
  event: {
    kind: 'change',
    eventId: '00000000-0000-0000-0000-000000000000',
    storeId: 1,
    itemId,
    dateTime: '2025-11-03 10:00:00',
    quantity: -1,
    changeTypeId: 1,
    transId,
    employeeId: '',
    leadingZeros: false,
  },
  from: { file: 'f.csv', line: 2 },
});
const sizes = (events: readonly OutgoingEvent[], partitions: number) =>
  [...recordBatches(events, partitions, new Date())].map((request) =>
    [...request].map(([partition, batch]) => ({ partition, bytes: batch.length, count: countIn(batch) })),
  );

test('events go in one request, a batch for each partition, as long as each stays far below what a broker takes', () => {
  const small = Array.from({ length: 2_000 }, (_, at) => outgoing(`${at}`, at));
  const [request = [], ...more] = sizes(small, 3);
  expect(more).toEqual([]);
  expect(request.map(({ partition }) => partition).sort()).toEqual([0, 1, 2]);
  expect(request.reduce((sum, { count }) => sum + count, 0)).toBe(2_000);
});

test('more bytes than a broker takes in one batch are split over several requests', () => {
  // 'é' is two bytes: 1,000 of them are 3 kB a message.
  const large = Array.from({ length: 1_000 }, (_, at) => outgoing(`${at}${'é'.repeat(1_500)}`, 101));
  const requests = sizes(large, 6);
  expect(requests.length).toBe(7);
  for (const [batch] of requests) expect(batch?.bytes).toBeLessThan(520 * 1024);
  expect(requests.flat().reduce((sum, { count }) => sum + count, 0)).toBe(1_000);
});

test('nothing is no request', () => {
  expect(sizes([], 3)).toEqual([]);
});
