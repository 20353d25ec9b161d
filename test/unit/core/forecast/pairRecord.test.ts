import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type PairRecord, readRecord, writeRecord } from '../../../../lib/core/forecast/pairRecord.ts';

const float = fc.float({ noDefaultInfinity: true });
const floats = (length: number) =>
  fc.array(float, { minLength: length, maxLength: length }).map((list) => Float32Array.from(list));
const id = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

const record: fc.Arbitrary<PairRecord> = fc
  .tuple(fc.integer({ min: 1, max: 25 }), fc.nat(60), fc.nat(26))
  .chain(([origins, months, scores]) =>
    fc.record({
      basis: fc.record({
        storeId: id,
        itemId: id,
        levels: floats(origins),
        means: floats(origins),
        soldToDate: floats(origins),
        soldCurrent: floats(origins),
        soldNext: floats(origins),
        linearNext: floats(origins),
        lastNext: floats(origins),
        classes: floats(origins),
        knownDays: floats(origins),
        months: floats(months),
        level: fc.double({ noNaN: true }),
      }),
      planning: fc.record({
        everSold: fc.boolean(),
        knownDays: fc.nat(),
        yearUnits: id,
        xyz: fc.nat(3),
        lostUnits: fc.double({ noNaN: true }),
        horizonDays: fc.nat(730),
        pool: fc.nat(59),
        scale: fc.double({ noNaN: true }),
        scores: floats(scores),
        pools: fc.array(fc.nat(59), { minLength: scores, maxLength: scores }).map((list) => Uint8Array.from(list)),
      }),
    }),
  );

test('a record comes back as it was written, from wherever its bytes lie in a larger buffer', () => {
  fc.assert(
    fc.property(record, fc.nat(9), (written, offset) => {
      const bytes = writeRecord(written);
      const buffer = Buffer.concat([Buffer.alloc(offset, 7), bytes, Buffer.alloc(3, 9)]);
      const { storeId, itemId } = written.basis;
      expect(readRecord(storeId, itemId, buffer.subarray(offset, offset + bytes.length))).toEqual(written);
    }),
  );
});

test('a record that was cut is refused', () => {
  fc.assert(
    fc.property(record, (written) => {
      const bytes = writeRecord(written);
      const pools = written.planning.pools.length;
      expect(() => readRecord(1, 1, bytes.subarray(0, bytes.length - pools - 1))).toThrow(RangeError);
    }),
  );
});
