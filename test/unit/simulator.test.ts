import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { exportHours, type SimulatorOptions } from '../../local/simulator/simulator.ts';
import { listStores, openingHours } from '../../local/simulator/stores.ts';

const options: SimulatorOptions = { stores: 6, items: 80, days: 42, rowsPerHour: 60, seed: 5, startDate: '2026-03-02' };

/** One row of an export: local minutes since 1970, the zone-free reading of `M/d/yyyy H:mm`. */
type Row = Readonly<{ trans: string; item: string; store: number; minute: number; quantity: number; type: number }>;

function exportAll(from: SimulatorOptions): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const { files } of exportHours(from)) {
    for (const [name, text] of files) texts.set(name, (texts.get(name) ?? '') + text);
  }
  return texts;
}

function minuteOf(text: string): number {
  const [month = 0, day = 0, year = 0, hour = 0, minute = 0] = (text.match(/\d+/g) ?? []).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute) / 60_000;
}

const linesOf = (text = '') => text.split('\r\n').slice(0, -1);

function changesOf(text: string | undefined): readonly Row[] {
  return linesOf(text).map((line) => {
    const [trans = '', item = '', store, time = '', quantity, type] = line.split(',');
    const row = { store: Number(store), quantity: Number(quantity), type: Number(type) };
    return { trans, item, minute: minuteOf(time), ...row };
  });
}

function countsOf(text: string | undefined): readonly Row[] {
  return linesOf(text).map((line) => {
    const [item = '', , store, time = '', quantity] = line.split(',');
    return { trans: '', item, store: Number(store), minute: minuteOf(time), quantity: Number(quantity), type: 0 };
  });
}

const texts = exportAll(options);
const stores = listStores(options.stores, options.seed);
const changes = stores.map(({ label }) => changesOf(texts.get(`inventory_change_${label}.csv`)));
const counts = stores.map(({ label }) => countsOf(texts.get(`inventory_snapshot_${label}.csv`)));

test('gives the same bytes for the same options and others for another seed', () => {
  expect(exportAll(options)).toEqual(texts);
  expect(exportAll({ ...options, seed: 6 })).not.toEqual(texts);
});

test('gives these very bytes on every machine: a changed digest means changed demo data for everyone', () => {
  const digest = createHash('sha256');
  for (const name of [...texts.keys()].sort()) digest.update(name).update(texts.get(name) ?? '');
  expect(digest.digest('hex')).toBe('5b5124425a3106631ea972cf260a329e325b9f88fe0a3af61015fd0e479bb538');
});

test('writes about as many rows per hour as asked for', () => {
  const rows = [...changes, ...counts].reduce((sum, list) => sum + list.length, 0);
  const perHour = rows / (options.days * 24);
  expect(perHour).toBeGreaterThan(options.rowsPerHour * 0.85);
  expect(perHour).toBeLessThan(options.rowsPerHour * 1.15);
});

test('writes change lines in the input contract, into the file of their store, sales mostly negative', () => {
  const shape = /^\{[^{},]+\},1\d{5},\d+,([1-9]|1[0-2])\/\d{1,2}\/2026 ([1-9]|1\d|2[0-3]|0):[0-5]\d,-?[1-9]\d*,[1-4]$/;
  for (const { id, label } of stores) {
    const lines = linesOf(texts.get(`inventory_change_${label}.csv`));
    expect(lines.filter((line) => !shape.test(line) || line.split(',')[2] !== String(id))).toEqual([]);
  }
  const sales = changes.flat().filter(({ type }) => type === 1);
  const returns = sales.filter(({ quantity }) => quantity > 0).length;
  expect(returns).toBeGreaterThan(0);
  expect(returns / sales.length).toBeLessThan(0.02);
});

test('names an employee in every count of a shop and none in those of the web shop', () => {
  for (const { label, id } of stores) {
    const employee = id === 0 ? '' : '[1-9]\\d*';
    const shape = new RegExp(`^1\\d{5},${employee},${id},\\d{1,2}/\\d{1,2}/2026 \\d{1,2}:\\d{2},\\d+$`);
    const lines = linesOf(texts.get(`inventory_snapshot_${label}.csv`));
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.filter((line) => !shape.test(line))).toEqual([]);
  }
});

test('begins every store with counts at its own midnight of the start date', () => {
  for (const list of counts) {
    const first = Math.min(...list.map(({ minute }) => minute));
    expect(first).toBe(minuteOf('3/2/2026 0:00'));
    expect(list.filter(({ minute }) => minute === first).length).toBeGreaterThan(20);
  }
});

test('ends every store at its own midnight after the last day', () => {
  const end = minuteOf('4/13/2026 0:00');
  for (const list of changes) {
    const newest = Math.max(...list.map(({ minute }) => minute));
    expect(newest).toBeLessThan(end);
    expect(newest).toBeGreaterThan(end - 3 * 1440);
  }
});

test('sells nothing while a shop is closed, and at all hours in the web shop', () => {
  for (const store of stores) {
    const whileClosed = (changes[store.id] ?? []).filter(({ minute, type }) => {
      const day = Math.floor(minute / 1440);
      const [from = 0, to = 0] = openingHours(store, day) ?? [];
      const ofDay = minute - day * 1440;
      return (type === 1 || type === 4) && (ofDay < from * 60 || ofDay >= to * 60);
    });
    expect(whileClosed).toEqual([]);
  }
  const hours = new Set((changes[0] ?? []).map(({ minute }) => Math.floor((minute % 1440) / 60)));
  expect(hours.size).toBe(24);
});

test('writes no row before its time: an hour holds what happened in it or earlier, by the clock of the store', () => {
  const clocks = new Map(
    stores.map(({ label, timeZone }) => [
      label,
      new Intl.DateTimeFormat('en-US', { timeZone, dateStyle: 'short', timeStyle: 'short', hourCycle: 'h23' }),
    ]),
  );
  const early: unknown[] = [];
  for (const { hourUtc, files } of exportHours(options)) {
    for (const [name, text] of files) {
      const label = name.replace(/^inventory_(change|snapshot)_|\.csv$/g, '');
      const lastMinute = new Date(hourUtc.getTime() + 3_540_000);
      const now = minuteOf((clocks.get(label)?.format(lastMinute) ?? '').replace(/\/(\d\d),/, '/20$1,'));
      const rows = name.includes('change') ? changesOf(text) : countsOf(text);
      early.push(...rows.filter(({ minute }) => Number.isNaN(now) || minute > now));
    }
  }
  expect(early).toEqual([]);
});

test('pairs each bopis line of the web shop with one of a picking store: same receipt, item and quantity, up to an hour later', () => {
  const key = ({ trans, item, quantity }: Row) => `${trans} ${item} ${quantity}`;
  const web = (changes[0] ?? []).filter(({ type }) => type === 4);
  const picked = changes.slice(1).flatMap((list) => list.filter(({ type }) => type === 4));
  expect(web.length).toBeGreaterThan(50);
  expect(picked.map(key).sort()).toEqual(web.map(key).sort());
  // Store 1 (Berlin) shares the web shop's time zone, so its minutes compare.
  const orders = new Map(web.map((row) => [key(row), row.minute]));
  const waits = picked
    .filter(({ store }) => store === 1)
    .map((row) => row.minute - (orders.get(key(row)) ?? Number.NaN));
  expect(Math.min(...waits)).toBe(0);
  expect(Math.max(...waits)).toBeLessThan(60);
  expect(waits.some((wait) => wait > 0)).toBe(true);
});

test('repeats identical lines within a transaction now and then', () => {
  const lines = stores.flatMap(({ label }) => linesOf(texts.get(`inventory_change_${label}.csv`)));
  const twice = lines.length - new Set(lines).size;
  expect(twice).toBeGreaterThan(0);
  expect(twice / lines.length).toBeLessThan(0.05);
});

test('delivers a few rows hours after the rows around them', () => {
  const late = changes.map((list) => list.filter((row, index) => row.minute < (list[index - 1]?.minute ?? 0) - 120));
  const share = late.flat().length / changes.flat().length;
  expect(share).toBeGreaterThan(0);
  expect(share).toBeLessThan(0.02);
});

test('knows shrink, restocks and all items from the catalogue', () => {
  const types = new Set(changes.flat().map(({ type }) => type));
  expect([...types].sort()).toEqual([1, 2, 3, 4]);
  const odd = changes.flat().filter(({ item, type, quantity }) => {
    const known = Number(item) > 100_000 && Number(item) <= 100_000 + options.items;
    return !known || (type === 3 && quantity <= 0) || ((type === 2 || type === 4) && quantity >= 0);
  });
  expect(odd).toEqual([]);
});

test('keeps books that rarely go negative and that recounts sometimes, not mostly, correct', () => {
  let rows = 0;
  let negative = 0;
  let soldOut = 0;
  const variances: number[] = [];
  for (const id of stores.keys()) {
    const byItem = new Map<string, Row[]>();
    const order = (row: Row) => (row.type === 0 ? 0 : row.quantity > 0 ? 1 : 2);
    const moving = (changes[id] ?? []).filter(({ type }) => id !== 0 || type !== 4);
    for (const row of [...(counts[id] ?? []), ...moving]) {
      const list = byItem.get(row.item);
      if (list === undefined) byItem.set(row.item, [row]);
      else list.push(row);
    }
    for (const list of byItem.values()) {
      let stock: number | null = null;
      for (const row of list.sort((a, b) => a.minute - b.minute || order(a) - order(b))) {
        if (row.type === 0 && stock !== null) variances.push(row.quantity - stock);
        stock = row.type === 0 ? row.quantity : stock === null ? null : stock + row.quantity;
        if (stock === null) continue;
        rows++;
        if (stock < 0) negative++;
        if (stock === 0) soldOut++;
      }
    }
  }
  expect(negative / rows).toBeLessThan(0.01);
  expect(soldOut).toBeGreaterThan(0);
  const wrong = variances.filter((variance) => variance !== 0).length / variances.length;
  expect(wrong).toBeGreaterThan(0.05);
  expect(wrong).toBeLessThan(0.6);
});
