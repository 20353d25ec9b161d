import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Partitioners } from 'kafkajs';
import { crc32c } from '../../../lib/kafka/crc32c.ts';
import { keyPartition } from '../../../lib/kafka/keyPartition.ts';
import { RecordBatch } from '../../../lib/kafka/recordBatch.ts';
import { countIn, recordsIn } from './recordBatchParts.ts';

/** Bit by bit, as the definition has it. */
function plainCrc(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0x82f63b78;
  }
  return ~crc >>> 0;
}

test('the checksum is CRC-32C', () => {
  expect(crc32c(Buffer.from('123456789'), 0, 9)).toBe(0xe3069283);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(10), (bytes, from) => {
      const start = Math.min(from, bytes.length);
      expect(crc32c(bytes, start, bytes.length)).toBe(plainCrc(bytes.subarray(start)));
    }),
  );
});

test('a pair’s partition is the one that kafkajs, and so every client, gives its key', () => {
  const partitioner = Partitioners.DefaultPartitioner();
  const safe = fc.maxSafeInteger();
  fc.assert(
    fc.property(safe, safe, fc.integer({ min: 1, max: 100 }), (store, item, partitions) => {
      const key = `${store}:${item}`;
      const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
        partitionErrorCode: 0,
        partitionId,
        leader: 0,
        replicas: [0],
        isr: [0],
      }));
      const theirs = partitioner({ topic: 't', partitionMetadata, message: { key, value: '' } });
      expect(keyPartition(key, partitions)).toBe(theirs);
    }),
    { numRuns: 1_000 },
  );
});

test('records come out of a batch as they went in, whatever their length, with a checksum that fits', () => {
  const text = fc.string({ unit: 'binary', maxLength: 300 }).filter((value) => value.isWellFormed());
  fc.assert(
    fc.property(
      fc.array(text, { minLength: 1, maxLength: 200 }),
      fc.integer({ min: 61, max: 5_000 }),
      (values, room) => {
        const batch = new RecordBatch(Buffer.allocUnsafeSlow(room));
        values.forEach((value, at) => {
          batch.add(`${at}:1`, value);
        });
        const bytes = batch.finish(1_767_225_600_000);
        expect(recordsIn(bytes)).toEqual(values.map((value, at) => ({ key: `${at}:1`, value, offsetDelta: at })));
        expect(countIn(bytes)).toBe(values.length);
        expect(bytes.readInt32BE(8)).toBe(bytes.length - 12);
        expect(bytes.readUInt32BE(17)).toBe(plainCrc(bytes.subarray(21)));
        expect(bytes.readBigInt64BE(27)).toBe(1_767_225_600_000n);
      },
    ),
  );
});
