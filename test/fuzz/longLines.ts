import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rowParser } from '../../lib/core/parseRow.ts';
import { fileHeader, type PartReject, partRows } from '../../lib/source/partRows.ts';

const mega = 1024 * 1024;

/** Reads a file of one line of 40 MiB of commas and `lines` lines of a MiB, good ones between them. */
export async function longLines(_seed: number, lines: number) {
  const folder = await mkdtemp(join(tmpdir(), 'tillcast-fuzz-'));
  try {
    const path = join(folder, 'inventory_change_long.csv');
    const good = 'T,5,1,2026-01-05 09:00,-1,1\n';
    const columns = 'trans_id,item_id,store_id,date_time,quantity,change_type_id';
    await writeFile(path, `${columns}\n${','.repeat(40 * mega)}\n${good}`);
    for (let n = 0; n < lines; n += 1) await appendFile(path, `${(n % 2 ? '"' : 'é').repeat(mega + n)}\n${good}`);
    const read = await fileHeader(path, 'change', mega);
    if (!('header' in read)) throw new Error(JSON.stringify(read));
    const parse = rowParser('change', read.header, {
      dateOrderOf: () => 'mdy',
      earliest: '2000-01-01 00:00:00',
      latestOf: () => '2030-01-01 00:00:00',
    });
    const kept: PartReject[] = [];
    let rows = 0;
    const part = { path, from: 0, to: Number.MAX_SAFE_INTEGER, linesBefore: 0 };
    for await (const block of partRows(part, read.header, parse)) {
      kept.push(...block.rejects);
      rows += block.rows.length;
    }
    const reasons = [...new Set(kept.map((reject) => reject.reason))];
    return { rows, rejects: kept.length, reasons, longestRaw: Math.max(...kept.map(({ raw }) => raw.length)) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
