import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { rowParser } from '../../../lib/core/parseRow.ts';
import { fileHeader, type PartReject, partRows } from '../../../lib/source/partRows.ts';
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
}, 300_000);

test('of 50,000 mutated lines of item files each belongs to one row or one rejected record, under its physical line', async () => {
  const tally = await fuzzReference(seed, 50_000);
  process.stdout.write(`${JSON.stringify(tally)}\n`);
  for (const what of ['loaded', 'broken', 'nothing'] as const) expect([what, tally[what] > 500]).toEqual([what, true]);
});

test('lines of megabytes are rejected one by one, and neither they nor their fields pile up in memory', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tillcast-fuzz-'));
  try {
    const path = join(folder, 'inventory_change_long.csv');
    const mega = 1024 * 1024;
    const good = 'T,5,1,2026-01-05 09:00,-1,1\n';
    const columns = 'trans_id,item_id,store_id,date_time,quantity,change_type_id';
    await writeFile(path, `${columns}\n${','.repeat(40 * mega)}\n${good}`);
    for (let n = 0; n < 20; n += 1) await appendFile(path, `${(n % 2 ? '"' : 'é').repeat(mega + n)}\n${good}`);
    const read = await fileHeader(path, 'change', mega);
    if (!('header' in read)) throw new Error(JSON.stringify(read));
    const parse = rowParser('change', read.header, {
      dateOrderOf: () => 'mdy',
      earliest: '2000-01-01 00:00:00',
      latestOf: () => '2030-01-01 00:00:00',
    });
    const kept: PartReject[] = [];
    let rows = 0;
    let peakBytes = 0;
    for await (const block of partRows(
      { path, from: 0, to: Number.MAX_SAFE_INTEGER, linesBefore: 0 },
      read.header,
      parse,
    )) {
      kept.push(...block.rejects);
      rows += block.rows.length;
      const { heapUsed, external } = process.memoryUsage();
      peakBytes = Math.max(peakBytes, heapUsed + external);
    }
    expect([rows, kept.length, new Set(kept.map((reject) => reject.reason)).size]).toEqual([21, 21, 1]);
    expect(Math.max(...kept.map((reject) => reject.raw.length))).toBeLessThan(10_000);
    expect(peakBytes).toBeLessThan(500 * mega);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
