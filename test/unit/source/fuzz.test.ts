import { expect, test } from '@jest/globals';
import { inOwnProcess } from '../../fuzz/ownProcess.ts';

const seed = Number(process.env['FUZZ_SEED'] ?? 1);
const mega = 1024 * 1024;

test('of 200,000 mutated lines each is loaded as it reads or rejected, under its physical line, whole or in pieces', async () => {
  process.stdout.write(`fuzz of event files: seed ${seed} (FUZZ_SEED)\n`);
  const tally = await inOwnProcess('parts', seed, 200_000);
  process.stdout.write(`${JSON.stringify(tally)}\n`);
  for (const what of ['loaded', 'rejected', 'blank', 'headerAgain', 'either'] as const) {
    expect([what, tally[what] > 100]).toEqual([what, true]);
  }
  expect(tally.maxRssBytes).toBeLessThan(400 * mega);
}, 300_000);

test('of 50,000 mutated lines of item files each belongs to one row or one rejected record, under its physical line', async () => {
  const tally = await inOwnProcess('reference', seed, 50_000);
  process.stdout.write(`${JSON.stringify(tally)}\n`);
  for (const what of ['loaded', 'broken', 'nothing'] as const) expect([what, tally[what] > 500]).toEqual([what, true]);
}, 300_000);

test('lines of megabytes are rejected one by one, and neither they nor their fields pile up in memory', async () => {
  const { rows, rejects, reasons, longestRaw, maxRssBytes } = await inOwnProcess('longLines', 0, 20);
  expect([rows, rejects, reasons.length]).toEqual([21, 21, 1]);
  expect(longestRaw).toBeLessThan(10_000);
  process.stdout.write(`most memory: ${Math.round(maxRssBytes / mega)} MB\n`);
  expect(maxRssBytes).toBeLessThan(400 * mega);
}, 300_000);
