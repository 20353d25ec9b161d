import { appendFile, cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import {
  defaultStateFile,
  exportHours,
  openSimulator,
  type SimulatorOptions,
} from '../../local/simulator/simulator.ts';

const options: SimulatorOptions = { stores: 3, items: 40, days: 5, rowsPerHour: 40, seed: 3, startDate: '2026-01-05' };
const root = await mkdtemp(join(tmpdir(), 'tillcast-simulator-'));
afterAll(() => rm(root, { recursive: true, force: true }));

const at = (text: string) => new Date(`${text}:00Z`);

async function contentOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const names = (await readdir(folder)).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')])),
  );
}

async function wholeRange(name: string): Promise<string> {
  const folder = join(root, name);
  const simulator = await openSimulator(folder, options);
  await simulator.advanceTo(at('2026-01-08T12:00'));
  return folder;
}

test('gives the same bytes hour by hour, reopened in between, as all at once', async () => {
  const whole = await wholeRange('whole');
  const folder = join(root, 'hourly');
  let rows = 0;
  for (let hour = 0; hour <= 84; hour += 7) {
    const simulator = await openSimulator(folder, options);
    for (let step = hour; step < hour + 7; step++) {
      const until = new Date(Math.min(at('2026-01-05T01:00').getTime() + step * 3_600_000, +at('2026-01-08T12:00')));
      rows += (await simulator.advanceTo(until)).rowsWritten;
    }
  }
  const content = await contentOf(folder);
  expect(content).toEqual(await contentOf(whole));
  const events = Object.entries(content).filter(([name]) => /^inventory_(change|snapshot)_(online|store)/.test(name));
  const lines = events.reduce((sum, [, text]) => sum + text.split('\r\n').length - 2, 0);
  expect(rows).toBe(lines);
});

test('writes reference files with byte-order mark, CRLF and quoted commas', async () => {
  const content = await contentOf(await wholeRange('reference'));
  expect(content['store.csv']).toBe(
    '\uFEFFstore_id,name,timezone\r\n0,online,Europe/Berlin\r\n1,Berlin,Europe/Berlin\r\n2,London,Europe/London\r\n3,New York,America/New_York\r\n',
  );
  expect(content['inventory_change_type.csv']).toBe(
    '\uFEFFchange_type_id,change_type\r\n1,sale\r\n2,shrink\r\n3,restock\r\n4,bopis\r\n',
  );
  const items = content['item.csv']?.split('\r\n') ?? [];
  expect(items).toHaveLength(42);
  expect(items[0]).toBe('\uFEFFitem_id,name,supplier_id,safety_stock_quantity');
  expect(items[1]).toMatch(/^100001,Black Oak Mug,\d+,\d+$/);
  expect(items[2]).toMatch(/^100002,"Green Wool Fairy Lights, set of 4",\d+,\d+$/);
  expect(content['inventory_change_store001.csv']).toMatch(
    /^\uFEFFtrans_id,item_id,store_id,date_time,quantity,change_type_id\r\n\{/,
  );
});

test('repairs a folder whose writer was killed between the append and the new position', async () => {
  const folder = join(root, 'killed');
  const stateFile = defaultStateFile(folder);
  const before = await openSimulator(folder, options);
  await before.advanceTo(at('2026-01-06T10:00'));
  await cp(stateFile, `${stateFile}.old`);
  await before.advanceTo(at('2026-01-07T10:00'));
  await cp(`${stateFile}.old`, stateFile);
  await appendFile(join(folder, 'inventory_change_store002.csv'), '{2-9');
  const after = await openSimulator(folder, options);
  await after.advanceTo(at('2026-01-08T12:00'));
  expect(await contentOf(folder)).toEqual(await contentOf(await wholeRange('unharmed')));
});

test('begins again a folder whose writer was killed among the first files', async () => {
  const folder = join(root, 'killedAtFirst');
  await openSimulator(folder, options);
  await writeFile(join(folder, 'item.csv'), '\uFEFFitem_id,na');
  await writeFile(join(folder, 'inventory_change_online.csv'), 'x'.repeat(5000));
  const again = await openSimulator(folder, options);
  await again.advanceTo(at('2026-01-08T12:00'));
  expect(await contentOf(folder)).toEqual(await contentOf(await wholeRange('untouched')));
});

test('writes whole hours only, nothing twice, and says where it stands', async () => {
  const simulator = await openSimulator(join(root, 'position'), options);
  const first = await simulator.advanceTo(at('2026-01-06T10:59'));
  expect(first.positionUtc).toEqual(at('2026-01-06T10:00'));
  expect(first.rowsWritten).toBeGreaterThan(0);
  expect(await simulator.advanceTo(at('2026-01-06T10:59'))).toEqual({ ...first, rowsWritten: 0 });
  expect((await simulator.advanceTo(at('2026-01-05T10:00'))).rowsWritten).toBe(0);
});

test('goes on after options.days, with the start date it began with', async () => {
  const folder = join(root, 'goesOn');
  await (await openSimulator(folder, options)).advanceTo(at('2026-01-11T00:00'));
  const later = await openSimulator(folder, { ...options, startDate: '2026-01-08', days: 2 });
  expect((await later.advanceTo(at('2026-01-13T00:00'))).rowsWritten).toBeGreaterThan(100);
});

test('refuses a folder with files of others and one begun with another seed', async () => {
  const foreign = await mkdtemp(join(root, 'foreign-'));
  await writeFile(join(foreign, 'notes.txt'), 'mine');
  await expect(openSimulator(foreign, options)).rejects.toMatchObject({ code: 'ETL_INPUT' });
  await expect(openSimulator(await wholeRange('seeded'), { ...options, seed: 4 })).rejects.toMatchObject({
    code: 'ETL_INPUT',
    message: expect.stringContaining('seed 3 instead of 4'),
  });
});

test('refuses to go on where a file is shorter than it was, and begins anew in an emptied folder', async () => {
  const folder = await wholeRange('cut');
  await writeFile(join(folder, 'inventory_change_store001.csv'), '');
  await expect(openSimulator(folder, options)).rejects.toMatchObject({ code: 'ETL_INPUT' });
  await rm(folder, { recursive: true });
  expect(await contentOf(await wholeRange('cut'))).toEqual(await contentOf(await wholeRange('uncut')));
});

test('lists every option out of range at once', async () => {
  const wrong = { ...options, stores: 0, items: 1.5, startDate: '2026-02-30' };
  await expect(openSimulator(join(root, 'wrong'), wrong)).rejects.toMatchObject({
    code: 'ETL_CONFIG',
    message: expect.stringMatching(/stores.*items.*startDate/),
  });
  expect(() => [...exportHours(wrong)]).toThrow(/stores/);
});
