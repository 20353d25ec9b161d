import { expect, test } from '@jest/globals';
import { requests } from '../../../lib/kafka/eventProducer.ts';

const message = (value: string) => ({ key: '1:101', value });

test('messages go in one request as long as it stays far below what a broker takes, in their order', () => {
  const small = Array.from({ length: 2_000 }, (_, at) => message(`${at}`.padStart(200)));
  expect(requests(small)).toEqual([small]);
  // 'é' is two bytes: 1,000 of them are 3 kB a message.
  const large = Array.from({ length: 1_000 }, (_, at) => message(`${at}${'é'.repeat(1_500)}`));
  const split = requests(large);
  expect(split.flat()).toEqual(large);
  for (const request of split) {
    const bytes = request.reduce((sum, { value }) => sum + Buffer.byteLength(value), 0);
    expect(bytes).toBeLessThanOrEqual(512 * 1024);
  }
  expect(split.length).toBe(6);
});

test('nothing is no request', () => {
  expect(requests([])).toEqual([]);
});
