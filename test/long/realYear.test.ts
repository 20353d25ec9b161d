import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { verify } from '../../jobs/verify.ts';
import { dataFiles } from '../support/dataFiles.ts';
import { openTestDataset, type TestDataset } from '../support/dataset.ts';

const minute = 60_000;
const source = join('..', 'shared', 'data', 'onlineretail-pos');
const present = existsSync(source);
if (!present) process.stdout.write(`skipped: the real year is not at ${source}\n`);
const onRealYear = present ? test : test.skip;
const opened: TestDataset[] = [];

afterEach(async () => {
  for (const dataset of opened.splice(0)) await dataset.close();
});

/** The first part of a file up to a line end about in its middle. */
function firstHalf(content: Buffer): Buffer {
  return content.subarray(0, content.indexOf('\n', Math.floor(content.length / 2)) + 1);
}

onRealYear(
  'the real year in three drops gives the data files of one drop, and everything agrees',
  async () => {
    const whole = await openTestDataset();
    opened.push(whole);
    const names = readdirSync(source);
    const content = (name: string) => readFileSync(join(source, name));
    for (const name of names) whole.write(name, content(name));
    const first = await whole.hour();
    expect(first).toMatchObject({
      status: 'succeeded',
      rows_read: 581_587,
      rows_new: 581_587,
      rows_duplicate: 0,
      rows_rejected: 0,
    });
    const again = await whole.hour();
    expect(again).toMatchObject({ status: 'succeeded', rows_read: 0, rows_new: 0 });
    const expected = dataFiles(whole.outputDir);

    const drops = await openTestDataset();
    opened.push(drops);
    const events = names.filter((name) => /^inventory_(change_(?!type)|snapshot_)/.test(name));
    const late = events.filter((_, index) => index % 3 === 0);
    // 1: the reference files and the first half of two thirds of the files.
    for (const name of names.filter((name) => !events.includes(name))) drops.write(name, content(name));
    for (const name of events.filter((name) => !late.includes(name))) drops.write(name, firstHalf(content(name)));
    await drops.hour();
    // 2: those files grow to their end, and the other third comes as new files.
    for (const name of events) drops.write(name, content(name));
    await drops.hour();
    // 3: everything once more under other names.
    for (const name of events) drops.write(name.replace('.csv', '_again.csv'), content(name));
    const third = await drops.hour();
    expect(third).toMatchObject({ rows_read: 581_587, rows_new: 0, rows_duplicate: 581_587 });

    const got = dataFiles(drops.outputDir);
    expect([...got.keys()]).toEqual([...expected.keys()]);
    for (const [name, text] of expected) expect(got.get(name) === text ? 'equal' : `${name} differs`).toBe('equal');
    const verified = await verify(drops.pipeline, () => undefined);
    expect(verified).toMatchObject({ ok: true, events: 581_587, pairs: first.pairs_changed });
  },
  20 * minute,
);
