import { describe, expect, test } from '@jest/globals';
import { verify } from '../../jobs/verify.ts';
import { withAdmin } from '../../lib/kafka/topics.ts';
import type { TestDataset } from '../support/dataset.ts';
import { sendCompressed } from '../support/foreignProducer.ts';
import { changes, counts, expectOracle, expectRowsAddUp, mixedLines, withDataset } from './dataFixture.ts';
import {
  deleteTopic,
  makeAnew,
  mend,
  overrideTopic,
  saleLine,
  saleMessage,
  sendRaw,
  soldUnits,
  stoppedHour,
  topicIsThere,
  topicOverrides,
} from './kafkaTrapsFixture.ts';

const onePartition = { PARTITIONS: '1' };
const sales = (upTo: number) => changes(...Array.from({ length: upTo }, (_, at) => saleLine(at)));
const verified = (dataset: TestDataset) => verify(dataset.pipeline, () => undefined);

/** A first hour of three sales. */
async function threeSales(dataset: TestDataset): Promise<void> {
  dataset.write('inventory_change_a.csv', sales(3));
  expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: 3 });
}

describe('a topic that is not what was read before stops the run with the command that mends it', () => {
  test('deleted between hours: it is not made anew in silence, nothing is lost', async () => {
    await withDataset(onePartition, async (dataset) => {
      await threeSales(dataset);
      await deleteTopic(dataset);
      dataset.write('inventory_change_a.csv', sales(5));
      const reason = await stoppedHour(dataset);
      expect(reason).toContain('is gone: it was deleted');
      expect(reason).toContain(mend);
      expect(await topicIsThere(dataset)).toBe(false);
      expect(await stoppedHour(dataset)).toBe(reason);
      expect(await soldUnits(dataset)).toBe(3);
    });
  });

  test.each([
    ['shorter', 2, 'it ends at 2, before 3'],
    ['as long', 3, 'holds another event before offset 3'],
    ['longer', 5, 'holds another event before offset 3'],
  ])('deleted and made anew, %s than what was read', async (_, length, told) => {
    await withDataset(onePartition, async (dataset) => {
      await threeSales(dataset);
      await makeAnew(dataset);
      await sendRaw(
        dataset,
        Array.from({ length }, (_value, at) => saleMessage(`other ${at}`)),
      );
      const reason = await stoppedHour(dataset);
      expect(reason).toContain(told);
      expect(reason).toContain(mend);
      expect(await soldUnits(dataset)).toBe(3);
    });
  });

  test('made anew as long as what was read, where a message that is no event stood last', async () => {
    await withDataset(onePartition, async (dataset) => {
      await threeSales(dataset);
      await sendRaw(dataset, ['poison']);
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded' });
      await makeAnew(dataset);
      await sendRaw(dataset, [...[1, 2, 3].map((at) => saleMessage(at)), 'other poison']);
      expect(await stoppedHour(dataset)).toContain('holds another event before offset 4');
    });
  });

  test('cut by retention before it was read; cut behind what was read is no matter', async () => {
    await withDataset(onePartition, async (dataset) => {
      await threeSales(dataset);
      const topic = await dataset.pipeline.topic();
      const cutBefore = (offset: string) =>
        withAdmin(dataset.pipeline.kafka, async (admin) => {
          // kafkajs deletes records of topics alone that this admin was asked about before.
          await admin.fetchTopicOffsets(topic);
          await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset }] });
        });
      await cutBefore('3');
      dataset.write('inventory_change_a.csv', sales(5));
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: 2 });
      await sendRaw(
        dataset,
        [5, 6, 7].map((at) => saleMessage(at)),
      );
      await cutBefore('7');
      const reason = await stoppedHour(dataset);
      expect(reason).toContain('offsets 5 to 7 are past retention');
      expect(reason).toContain(mend);
      expect(await soldUnits(dataset)).toBe(5);
    });
  });
});

describe('what a topic in use may go through', () => {
  test('partitions added: pairs move, figures are those of the exports, some partitions stay empty, and it is told', async () => {
    await withDataset({ ...onePartition, COMBINED_DAYS: '0' }, async (dataset) => {
      const { change, count } = mixedLines(11, 160);
      dataset.write('inventory_change_a.csv', changes(...change.slice(0, 80)));
      dataset.write('inventory_snapshot_a.csv', counts(...count));
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded' });
      const topic = await dataset.pipeline.topic();
      await withAdmin(dataset.pipeline.kafka, (admin) =>
        admin.createPartitions({ topicPartitions: [{ topic, count: 40 }] }),
      );
      dataset.write('inventory_change_a.csv', changes(...change));
      // Sent once more under another name, so that known rows come through other partitions than before.
      dataset.write('inventory_change_b.csv', changes(...change));
      const run = await dataset.hour();
      expect(run).toMatchObject({ status: 'succeeded', rows_new: change.length - 80 });
      expectRowsAddUp(run);
      expectOracle(dataset);
      const told = () => dataset.rows('data_quality.csv').filter((row) => row.rule === 'partitions_added');
      expect(told()).toMatchObject([{ count: '39', detail: expect.stringContaining('has 40 partitions now') }]);
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_read: 0 });
      expect(told()).toHaveLength(1);
      expect(await verified(dataset)).toMatchObject({ ok: true, listed: [] });
    });
  });

  test('transactions of another producer: what it took back does not count, markers at the end hold nothing up', async () => {
    await withDataset(onePartition, async (dataset) => {
      await threeSales(dataset);
      const { kafka } = dataset.pipeline;
      const topic = await dataset.pipeline.topic();
      const producer = kafka.producer({ transactionalId: topic, maxInFlightRequests: 1, idempotent: true });
      await producer.connect();
      const transaction = async (trans: string, end: 'commit' | 'abort') => {
        const open = await producer.transaction();
        await open.send({ topic, messages: [{ value: saleMessage(trans), partition: 0 }] });
        await open[end]();
      };
      await transaction('kept', 'commit');
      await transaction('taken back', 'abort');
      await producer.disconnect();
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: 1 });
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: 0 });
      dataset.write('inventory_change_a.csv', sales(4));
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: 1 });
      expect(await soldUnits(dataset)).toBe(5);
      expect(await verified(dataset)).toMatchObject({ ok: true, listed: [] });
    });
  });
});

describe('a message that is no event', () => {
  test('is listed with topic, partition and offset, whatever is wrong in it; the good ones around it count', async () => {
    await withDataset(onePartition, async (dataset) => {
      await threeSales(dataset);
      const wrong = (fields: object) => JSON.stringify({ ...JSON.parse(saleMessage('wrong')), ...fields });
      const poison: [string | null, string][] = [
        ['no JSON', 'not JSON'],
        [null, 'a message without a value'],
        [wrong({ store_id: '1' }), 'store_id is missing or of another kind'],
        [wrong({ quantity: 99_999_999_999 }), 'quantity is missing or of another kind'],
        [wrong({ quantity: 1e300 }), 'quantity is missing or of another kind'],
        [wrong({ trans_id: 'a\0b' }), 'trans_id is missing or of another kind'],
        [wrong({ trans_id: 'x'.repeat(3_000) }), 'trans_id is longer than 256 characters'],
        ['\0'.repeat(5), 'not JSON'],
      ];
      await sendRaw(
        dataset,
        poison.flatMap(([value], at) => [value, saleMessage(`good ${at}`)]),
      );
      dataset.write('inventory_change_a.csv', sales(5));
      const run = await dataset.hour();
      expect(run).toMatchObject({ status: 'succeeded', rows_new: poison.length + 2, rows_rejected: 0 });
      expectRowsAddUp(run);
      const topic = await dataset.pipeline.topic();
      const listed = dataset.rows('rejected_rows.csv');
      expect(listed.map((row) => [row.file, row.line, row.reason])).toEqual(
        poison.map(([, reason], at) => [
          `kafka:${topic}/0`,
          String(3 + 2 * at),
          `a message that tillcast did not write: ${reason}`,
        ]),
      );
      expect(listed[0]?.raw).toBe('no JSON');
      expect(await soldUnits(dataset)).toBe(5 + poison.length);
      expect(await verified(dataset)).toMatchObject({ ok: true, listed: [] });
    });
  });

  test('of 2 MB is listed by its beginning, several of them in a row too', async () => {
    await withDataset(onePartition, async (dataset) => {
      await threeSales(dataset);
      await overrideTopic(dataset, { 'max.message.bytes': '4000000', 'retention.ms': '-1' });
      const huge = Buffer.alloc(2_000_000, 'x');
      for (let at = 0; at < 6; at += 1) await sendRaw(dataset, [huge]);
      await sendRaw(dataset, [saleMessage('good'), saleMessage('y'.repeat(2_000_000))]);
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: 1 });
      const listed = dataset.rows('rejected_rows.csv');
      expect(listed.map((row) => [row.line, row.raw?.length])).toEqual(
        [3, 4, 5, 6, 7, 8, 10].map((offset) => [String(offset), 2_000]),
      );
      // What others set on the topic stays.
      expect(await topicOverrides(dataset)).toMatchObject({
        'max.message.bytes': '4000000',
        'compression.type': 'uncompressed',
      });
    });
  });
});

test('rows with long texts are sent in requests that the broker takes; one beyond 256 characters is rejected', async () => {
  await withDataset(onePartition, async (dataset) => {
    const long = (at: number) => `${at}`.padEnd(256, 'é');
    const lines = Array.from({ length: 2_000 }, (_, at) => saleLine(long(at)));
    dataset.write(
      'inventory_change_a.csv',
      changes(...lines, saleLine('z'.repeat(2_000_000)), saleLine('z'.repeat(257))),
    );
    dataset.write('inventory_snapshot_a.csv', counts(`101,${'e'.repeat(300)},1,11/3/2025 9:00,4`));
    const run = await dataset.hour();
    expect(run).toMatchObject({ status: 'succeeded', rows_new: 2_000, rows_rejected: 3 });
    expectRowsAddUp(run);
    const rejected = dataset.rows('rejected_rows.csv');
    expect(rejected.map((row) => [row.file, row.line, row.column, row.reason])).toEqual([
      ['inventory_change_a.csv', '2002', '', 'a line of more than 1 MiB'],
      ['inventory_change_a.csv', '2003', 'trans_id', 'longer than 256 characters'],
      ['inventory_snapshot_a.csv', '2', 'employee_id', 'longer than 256 characters'],
    ]);
    expect(await soldUnits(dataset)).toBe(2_000);
  });
});

describe('a batch that another client compressed', () => {
  const brokersOf = (dataset: TestDataset) => dataset.pipeline.urls.kafkaBrokers;

  test('is unpacked by the broker, with every codec, also on a topic that lacked the setting', async () => {
    await withDataset(onePartition, async (dataset) => {
      await threeSales(dataset);
      await overrideTopic(dataset, { 'retention.ms': '-1' });
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded' });
      expect(await topicOverrides(dataset)).toMatchObject({ 'retention.ms': '-1', 'compression.type': 'uncompressed' });
      for (const codec of ['gzip', 'snappy', 'lz4', 'zstd'] as const) {
        const lines = [1, 2, 3].map((at) => saleMessage(`${codec} ${at}`));
        await sendCompressed(brokersOf(dataset), await dataset.pipeline.topic(), codec, lines);
      }
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: 12 });
      expect(await soldUnits(dataset)).toBe(15);
      expect(await verified(dataset)).toMatchObject({ ok: true, listed: [] });
    });
  });

  test('and that is stored so: gzip is read, another codec stops the run, names itself and what mends it', async () => {
    await withDataset(onePartition, async (dataset) => {
      await threeSales(dataset);
      const topic = await dataset.pipeline.topic();
      await overrideTopic(dataset, { 'compression.type': 'producer' });
      await sendCompressed(brokersOf(dataset), topic, 'gzip', [saleMessage('gzip')]);
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: 1 });
      await overrideTopic(dataset, { 'compression.type': 'producer' });
      await sendCompressed(brokersOf(dataset), topic, 'zstd', [saleMessage('zstd')]);
      const reason = await stoppedHour(dataset);
      expect(reason).toContain(`reading ${topic}: another client stored a batch with ZSTD compression`);
      expect(reason).toContain(mend);
      expect(await soldUnits(dataset)).toBe(4);
    });
  });
});
