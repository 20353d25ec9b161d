import { expect, test } from '@jest/globals';
import { fuzzParts } from '../../fuzz/partsRun.ts';
import { fuzzReference } from '../../fuzz/referenceRun.ts';

const seed = Number(process.env['FUZZ_SEED'] ?? 1);

test('of 200,000 mutated lines each is loaded as it reads or rejected, under its physical line, whole or in pieces', async () => {
  process.stdout.write(`fuzz of event files: seed ${seed} (FUZZ_SEED)\n`);
  const tally = await fuzzParts(seed, 200_000);
  process.stdout.write(`${JSON.stringify(tally)}\n`);
  for (const what of ['loaded', 'rejected', 'blank', 'headerAgain', 'either'] as const) {
    expect([what, tally[what] > 100]).toEqual([what, true]);
  }
  expect(tally.peakBytes).toBeLessThan(600 * 1024 * 1024);
});

test('of 50,000 mutated lines of item files each belongs to one row or one rejected record, under its physical line', async () => {
  const tally = await fuzzReference(seed, 50_000);
  process.stdout.write(`${JSON.stringify(tally)}\n`);
  for (const what of ['loaded', 'broken', 'nothing'] as const) expect([what, tally[what] > 500]).toEqual([what, true]);
});
