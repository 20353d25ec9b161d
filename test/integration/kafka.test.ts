import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { IdentifiedEvent } from '../../lib/core/types.ts';
import type { PoisonMessage } from '../../lib/kafka/batchEvents.ts';
import { type ReadResult, readBounded } from '../../lib/kafka/boundedRead.ts';
import { kafkaClient } from '../../lib/kafka/client.ts';
import { openProducer } from '../../lib/kafka/eventProducer.ts';
import type { ReadFrom } from '../../lib/kafka/readPlan.ts';
import { ensureTopic, partitionOffsets, withAdmin } from '../../lib/kafka/topics.ts';
import { openTestDataset } from '../support/dataset.ts';
import { testServices } from '../support/services.ts';
import { dropTopic } from '../support/topics.ts';

const kafka = kafkaClient(testServices().kafkaBrokers, 'tillcast-test');
const topics: string[] = [];
let topic = '';

beforeEach(() => {
  topic = `tillcast.test.${randomUUID()}`;
  topics.push(topic);
});
afterAll(async () => {
  for (const name of topics) await dropTopic(kafka, name, `${name}-group`);
});

const someEvents = (rows: number): IdentifiedEvent[] =>
  Array.from({ length: rows }, (_, at) => ({
    kind: 'change',
    eventId: randomUUID(),
    storeId: at % 5,
    itemId: 100 + (at % 37),
    dateTime: '2025-11-03 10:00:00',
    quantity: -1,
    changeTypeId: 1,
    transId: `tränsäction "${at}"`,
    employeeId: '',
    leadingZeros: false,
  }));

async function send(events: readonly IdentifiedEvent[]): Promise<void> {
  const producer = await openProducer(kafka, topic);
  try {
    for (let at = 0; at < events.length; at += 500) {
      const batch = events.slice(at, at + 500).map((event) => ({ event, from: { file: 'f.csv', line: 2 } }));
      await producer.send(batch);
    }
    await producer.flush();
  } finally {
    await producer.close();
  }
}

async function sendRaw(values: readonly (string | null)[]): Promise<void> {
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  await producer.send({ topic, messages: values.map((value) => ({ value, partition: 0 })) });
  await producer.disconnect();
}

async function read(from: readonly ReadFrom[] = [], onFirst = async (): Promise<void> => undefined) {
  const events: IdentifiedEvent[] = [];
  const poison: PoisonMessage[] = [];
  let first = true;
  const result = await readBounded({
    kafka,
    topic,
    group: 'tillcast-test',
    from,
    async onBatch(batch) {
      events.push(...batch.events);
      poison.push(...batch.poison);
      if (first) await onFirst();
      first = false;
    },
  });
  return { events, poison, result };
}

const whereItEnded = (result: ReadResult): ReadFrom[] =>
  result.ranges.map(({ partition, to, lastEventId }) => ({ partition, nextOffset: to, lastEventId }));
const byId = (events: readonly IdentifiedEvent[]) => [...events].sort((a, b) => (a.eventId < b.eventId ? -1 : 1));

describe('what is sent is read', () => {
  test('whole, from several partitions, and nothing beyond the high watermark of the beginning', async () => {
    expect(await ensureTopic(kafka, topic, 4)).toBe(4);
    const sent = someEvents(1_500);
    const late = someEvents(60);
    await send(sent);
    const one = await read([], () => send(late));
    expect(byId(one.events)).toEqual(byId(sent));
    expect(one.result.ranges).toHaveLength(4);
    expect(one.result.ranges.reduce((sum, { from, to }) => sum + to - from, 0n)).toBe(1_500n);
    expect(one.result).toMatchObject({ rows: 1_500, meanSentAt: expect.any(Date) });
    const two = await read(whereItEnded(one.result));
    expect(byId(two.events)).toEqual(byId(late));
  });

  test('in the order in which a pair was sent, in one partition', async () => {
    await ensureTopic(kafka, topic, 4);
    const sent = someEvents(400);
    await send(sent);
    const { events } = await read();
    const ofPair = (all: readonly IdentifiedEvent[]) =>
      all.filter((event) => event.storeId === 2 && event.itemId === 102).map((event) => event.eventId);
    expect(ofPair(sent).length).toBeGreaterThan(1);
    expect(ofPair(events)).toEqual(ofPair(sent));
  });

  test('at once where the topic is empty or all is read', async () => {
    await ensureTopic(kafka, topic, 3);
    expect((await read()).result).toEqual({ ranges: [], rows: 0, partitions: 3, meanSentAt: null, waitMs: 0 });
    await send(someEvents(3));
    const { result } = await read();
    const again = await read(whereItEnded(result));
    expect(again.result).toMatchObject({ ranges: [], rows: 0 });
  });

  test('with poison messages beside it, which come with their reason and their text', async () => {
    await ensureTopic(kafka, topic, 1);
    const [before, after] = [someEvents(1), someEvents(1)];
    await send(before);
    await sendRaw(['no JSON', null, '{"kind":"change","event_id":"7"}', '[]', '{"kind":"sale"}']);
    await send(after);
    const { events, poison } = await read();
    expect(events).toEqual([...before, ...after]);
    expect(poison).toEqual([
      { partition: 0, offset: 1n, reason: 'not JSON', raw: 'no JSON' },
      { partition: 0, offset: 2n, reason: 'a message without a value', raw: '' },
      {
        partition: 0,
        offset: 3n,
        reason: 'event_id is missing or of another kind',
        raw: '{"kind":"change","event_id":"7"}',
      },
      { partition: 0, offset: 4n, reason: 'kind is missing or of another kind', raw: '[]' },
      { partition: 0, offset: 5n, reason: 'kind is missing or of another kind', raw: '{"kind":"sale"}' },
    ]);
  });
});

describe('a topic that is not what was read before', () => {
  const gap = { code: 'ETL_KAFKA_GAP', retryable: false };

  test('stops the read where offsets are past retention or before the end', async () => {
    await ensureTopic(kafka, topic, 1);
    await send(someEvents(10));
    await expect(read([{ partition: 0, nextOffset: 11n, lastEventId: null }])).rejects.toMatchObject(gap);
    await withAdmin(kafka, async (admin) => {
      // kafkajs deletes records of topics alone that this admin was asked about before.
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '4' }] });
    });
    await expect(read([{ partition: 0, nextOffset: 3n, lastEventId: null }])).rejects.toMatchObject({
      ...gap,
      message: expect.stringContaining('offsets 3 to 4 are past retention'),
    });
    expect((await read([{ partition: 0, nextOffset: 4n, lastEventId: null }])).result.rows).toBe(6);
    await expect(read([{ partition: 1, nextOffset: 0n, lastEventId: null }])).rejects.toMatchObject(gap);
  });

  test('is noticed by the last event when it was made anew', async () => {
    await ensureTopic(kafka, topic, 1);
    await send(someEvents(5));
    const { result } = await read();
    await dropTopic(kafka, topic, `${topic}-group`);
    await expect(partitionOffsets(kafka, topic)).rejects.toMatchObject(gap);
    while ((await ensureTopic(kafka, topic, 1).catch(() => 0)) === 0) await sleep(50);
    await send(someEvents(9));
    await expect(read(whereItEnded(result))).rejects.toMatchObject({
      ...gap,
      message: expect.stringContaining('holds another event before offset 5'),
    });
  });
});

describe('poison in a dataset', () => {
  test('at the end of a partition is listed, and later hours go on behind it', async () => {
    const dataset = await openTestDataset({ PARTITIONS: '1' });
    try {
      const row = (trans: number) => `{${trans}},101,1,11/3/2025 10:00,-1,1\n`;
      const header = 'trans_id,item_id,store_id,date_time,quantity,change_type_id\n';
      dataset.write('inventory_change_a.csv', header + row(1));
      await dataset.hour();
      topic = await dataset.pipeline.topic();
      await sendRaw(['poison']);
      expect(await dataset.hour()).toMatchObject({ rows_read: 0, rows_new: 0 });
      expect(dataset.rows('rejected_rows.csv')).toMatchObject([
        { file: `kafka:${topic}/0`, reason: expect.stringContaining('not JSON'), raw: 'poison' },
      ]);
      dataset.write('inventory_change_a.csv', header + row(1) + row(2));
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_read: 1, rows_new: 1 });
    } finally {
      await dataset.close();
    }
  });
});
