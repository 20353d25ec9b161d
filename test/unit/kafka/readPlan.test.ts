import { describe, expect, test } from '@jest/globals';
import { planRead } from '../../../lib/kafka/readPlan.ts';

const topic = 'tillcast.main.events';
const at = (partition: number, nextOffset: bigint, lastEventId: string | null = null) => ({
  partition,
  nextOffset,
  lastEventId,
});
const broker = (partition: number, low: bigint, highWatermark: bigint) => ({ partition, low, highWatermark });

describe('planRead', () => {
  test('reads a partition never read from its oldest offset to its end', () => {
    expect(planRead(topic, [], [broker(0, 0n, 7n), broker(1, 4n, 4n)])).toEqual([
      { partition: 0, from: 0n, until: 7n, position: 0n, lastEventId: null },
      { partition: 1, from: 4n, until: 4n, position: 4n, lastEventId: null },
    ]);
  });

  test('goes on where PostgreSQL stands, one before, so that the last event can be looked at again', () => {
    expect(planRead(topic, [at(0, 5n, 'e4')], [broker(0, 0n, 9n)])).toEqual([
      { partition: 0, from: 5n, until: 9n, position: 4n, lastEventId: 'e4' },
    ]);
  });

  test('looks at the last event again also where nothing new came, for a topic made anew may end there too', () => {
    expect(planRead(topic, [at(0, 5n, 'e4')], [broker(0, 0n, 5n)])[0]).toMatchObject({ from: 5n, position: 4n });
  });

  test('looks at nothing again where nothing was read, or where the last event is past retention', () => {
    expect(planRead(topic, [at(0, 5n)], [broker(0, 0n, 5n)])[0]?.position).toBe(5n);
    expect(planRead(topic, [at(0, 5n, 'e4')], [broker(0, 5n, 9n)])[0]?.position).toBe(5n);
  });

  test('reads a partition that was added from its start', () => {
    expect(planRead(topic, [at(0, 5n, 'e4')], [broker(0, 0n, 5n), broker(1, 0n, 3n)]).map((plan) => plan.from)).toEqual(
      [5n, 0n],
    );
  });

  test('keeps offsets beyond 2^53 exact', () => {
    const far = 2n ** 60n + 1n;
    expect(planRead(topic, [at(0, far)], [broker(0, 0n, far + 1n)])[0]?.from).toBe(1152921504606846977n);
  });

  test.each([
    ['offsets past retention', [at(0, 5n)], [broker(0, 6n, 9n)], `${topic}/0: offsets 5 to 6 are past retention`],
    [
      'a topic shorter than what was applied',
      [at(0, 5n)],
      [broker(0, 0n, 4n)],
      `${topic}/0: it ends at 4, before 5: the topic was made anew`,
    ],
    [
      'a partition that is gone',
      [at(0, 5n), at(1, 0n)],
      [broker(0, 0n, 5n)],
      `${topic}/1: the partition is gone, so the topic was made anew`,
    ],
  ])('stops at %s, with what to do', (_, stored, offsets, message) => {
    const plan = () => planRead(topic, stored, offsets);
    expect(plan).toThrow(expect.objectContaining({ code: 'ETL_KAFKA_GAP', retryable: false }));
    expect(plan).toThrow(message);
    expect(plan).toThrow('npm run replay -- --new-topic');
  });
});
