import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { parseSettings } from '../../../config/settings.ts';
import { inspectPart, refusalOf } from '../../../jobs/inspectPart.ts';
import { rowRules } from '../../../jobs/rowRules.ts';
import { rowParser } from '../../../lib/core/parseRow.ts';
import { fileHeader } from '../../../lib/source/partRows.ts';

const folder = await mkdtemp(join(tmpdir(), 'tillcast-inspect-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

const columns = 'trans_id,item_id,store_id,date_time,quantity,change_type_id\n';
const good = 'T,5,1,1/5/2026 9:00,-1,1';

async function inspect(text: string, settled: boolean) {
  const path = join(folder, 'inventory_change_1.csv');
  await writeFile(path, text);
  const to = Buffer.byteLength(text);
  const read = await fileHeader(path, 'change', to);
  if (!('header' in read)) throw new Error(JSON.stringify(read));
  const settings = parseSettings({});
  const rules = rowRules(settings, new Map(), new Date('2026-11-05T09:00:00Z'));
  const parse = rowParser('change', read.header, rules);
  return inspectPart({ path, from: 0, to, linesBefore: 0 }, read.header, parse, settled, settings);
}

describe('inspectPart', () => {
  test('counts rows and rejects and what is odd in them', async () => {
    const text = `${columns}${good}\nT,007,1,1/5/2026 9:00,-1,1\n${columns}T,5,1,31/5/2026 9:00,-1,1\nT,5\n`;
    expect(await inspect(text, true)).toMatchObject({
      to: text.length,
      lines: 6,
      openLineAt: null,
      lineWaits: false,
      rows: 2,
      rejected: 2,
      leadingZeros: 1,
      repeatedHeaders: 1,
      otherDateOrder: 1,
      firstRejects: [{ line: 5 }, { line: 6 }],
    });
  });

  test('lets a last line without its end wait, and everything before it go', async () => {
    const before = `${columns}${good}\n`;
    expect(await inspect(`${before}${good}`, false)).toMatchObject({
      to: before.length,
      lines: 2,
      openLineAt: null,
      lineWaits: true,
      rows: 1,
    });
  });

  test('takes a last line without its end once the file is still, and remembers where it began', async () => {
    const before = `${columns}${good}\n`;
    expect(await inspect(`${before}${good}`, true)).toMatchObject({
      to: before.length + good.length,
      lines: 3,
      openLineAt: before.length,
      lineWaits: false,
      rows: 2,
    });
  });

  test('lists the first 20 bad rows', async () => {
    const inspected = await inspect(`${columns}${'x,y\n'.repeat(50)}`, true);
    expect([inspected.rejected, inspected.firstRejects.length, inspected.firstRejects[19]?.line]).toEqual([50, 20, 21]);
  });
});

describe('refusalOf', () => {
  const settings = { minRejectRows: 100, maxRejectPercent: 5 };

  test.each([
    [0, 0],
    [0, 99],
    [1_900, 100],
    [100_000, 5_000],
  ])('keeps a part of %i good and %i bad rows', (rows, rejected) => {
    expect(refusalOf({ rows, rejected }, settings)).toBeUndefined();
  });

  test.each([
    [0, 100],
    [1_899, 100],
    [90_000, 5_000],
  ])('refuses a part of %i good and %i bad rows', (rows, rejected) => {
    expect(refusalOf({ rows, rejected }, settings)).toContain(`${rejected} of ${rows + rejected} rows are bad`);
  });

  test('refuses none where 100 percent may be bad', () => {
    expect(refusalOf({ rows: 0, rejected: 1_000 }, { minRejectRows: 1, maxRejectPercent: 100 })).toBeUndefined();
  });
});
