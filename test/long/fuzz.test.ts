import { expect, test } from '@jest/globals';
import { inOwnProcess } from '../fuzz/ownProcess.ts';

const minute = 60_000;

test.each([2, 3, 4])(
  'of 400,000 mutated lines with seed %i each is loaded as it reads or rejected, under its physical line, whole or in pieces',
  async (seed) => {
    const tally = await inOwnProcess('parts', seed, 400_000);
    process.stdout.write(`${JSON.stringify({ seed, ...tally })}\n`);
    expect(tally.loaded + tally.rejected + tally.either).toBeGreaterThan(350_000);
    expect(tally.maxRssBytes).toBeLessThan(400 * 1024 * 1024);
  },
  5 * minute,
);

test.each([2, 3, 4])(
  'of 200,000 mutated lines of item files with seed %i each belongs to one row or one rejected record',
  async (seed) => {
    const tally = await inOwnProcess('reference', seed, 200_000);
    process.stdout.write(`${JSON.stringify({ seed, ...tally })}\n`);
    expect(tally.loaded + tally.broken).toBeGreaterThan(150_000);
  },
  5 * minute,
);
