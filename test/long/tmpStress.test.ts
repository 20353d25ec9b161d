import { expect, test } from '@jest/globals';
import { verify } from '../../jobs/verify.ts';
import {
  changes,
  counts,
  expectOracle,
  headerOf,
  mixedLines,
  random,
  shuffled,
  withDataset,
} from '../e2e/dataFixture.ts';
import { dataFiles } from '../support/dataFiles.ts';

const refs = {
  'inventory_change_type.csv': 'change_type_id,change_type\n1,giveaway\n9,sale\n',
  'store.csv': 'store_id,name\n2,online\n',
};
test.each(Array.from({ length: 14 }, (_, at) => 31 + at))('seed %i', async (seed) => {
  const next = random(seed);
  const { change, count } = mixedLines(seed, 14 + Math.floor(next() * 26));
  const days = ['0', '7', '40'][seed % 3] ?? '0';
  const ref = await withDataset({ COMBINED_DAYS: days }, async (dataset) => {
    dataset.write('inventory_change_all.csv', changes(...change));
    dataset.write('inventory_snapshot_all.csv', counts(...count));
    for (const [n, t] of Object.entries(refs)) dataset.write(n, t);
    await dataset.hour();
    return dataFiles(dataset.outputDir);
  });
  await withDataset({ COMBINED_DAYS: days }, async (dataset) => {
    const all = shuffled(
      [...change.map((line) => ({ kind: 'change', line })), ...count.map((line) => ({ kind: 'count', line }))],
      next,
    );
    const drops = 2 + Math.floor(next() * 4);
    const at = Math.floor(next() * drops);
    const files = new Map<string, string>();
    for (let d = 0; d < drops; d += 1) {
      if (d === at) for (const [n, t] of Object.entries(refs)) dataset.write(n, t);
      const part = all.slice(Math.floor((all.length * d) / drops), Math.floor((all.length * (d + 1)) / drops));
      for (const { kind, line } of [...part, ...all.slice(0, d * 5)]) {
        const n = Math.floor(next() * 3);
        const name = kind === 'change' ? `inventory_change_s${n}.csv` : `inventory_snapshot_s${n}.csv`;
        if ((files.get(name) ?? '').includes(`${line}\n`)) continue;
        files.set(name, `${files.get(name) ?? `${headerOf(name)}\n`}${line}\n`);
      }
      for (const [name, text] of files) dataset.write(name, text);
      const run = await dataset.hour();
      expect(run.rows_read).toBe(run.rows_new + run.rows_duplicate);
    }
    expect(dataFiles(dataset.outputDir)).toEqual(ref);
    expect(await verify(dataset.pipeline, () => undefined)).toMatchObject({ ok: true, listed: [] });
    if (days === '0') expectOracle;
  });
});
