import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { parseSettings } from '../../../config/settings.ts';
import { checkInput } from '../../../jobs/check.ts';

test('a reference file that cannot be unpacked is refused alone, and the others are checked', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tillcast-check-'));
  try {
    const items = gzipSync('item_id,name,supplier_id,safety_stock_quantity\n1,a,S,1\n');
    await writeFile(join(folder, 'item.csv.gz'), items.subarray(0, -9));
    await writeFile(join(folder, 'store.csv'), 'store_id,name\n1,Berlin\n');
    const { files } = await checkInput(parseSettings({}), folder, new Date('2026-11-05T09:00:00Z'));
    expect(files).toMatchObject([
      { name: 'item.csv.gz', refusal: expect.stringContaining('cannot be read: unexpected end of file') },
      { name: 'store.csv', rows: 1, refusal: undefined },
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
