import { expect, test } from '@jest/globals';
import { fuzzParts } from '../fuzz/partsRun.ts';
import { fuzzReference } from '../fuzz/referenceRun.ts';

const minute = 60_000;

test.each([2, 3, 4])(
  'of 400,000 mutated lines with seed %i each is loaded as it reads or rejected, under its physical line, whole or in pieces',
  async (seed) => {
    const tally = await fuzzParts(seed, 400_000);
    process.stdout.write(`${JSON.stringify({ seed, ...tally })}\n`);
    expect(tally.loaded + tally.rejected + tally.either).toBeGreaterThan(350_000);
    expect(tally.peakBytes).toBeLessThan(600 * 1024 * 1024);
  },
  5 * minute,
);

test.each([2, 3, 4])(
  'of 200,000 mutated lines of item files with seed %i each belongs to one row or one rejected record',
  async (seed) => {
    const tally = await fuzzReference(seed, 200_000);
    process.stdout.write(`${JSON.stringify({ seed, ...tally })}\n`);
    expect(tally.loaded + tally.broken).toBeGreaterThan(150_000);
  },
  5 * minute,
);
