import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * An independent reading of product.md: the figures that a folder of well-formed exports must give. Shares no code with
 * lib/, so that a mistake there is not made here too. Plain split parsing: no quoted fields in event files.
 */
type Event = Readonly<{
  count: boolean;
  store: number;
  item: number;
  time: string;
  quantity: number;
  type: string;
  trans: string;
  employee: string;
}>;

export type OracleRow = Readonly<Record<string, string>>;

/** Expected rows by output file; only columns that the oracle knows. Null is the empty text. */
export type Expected = Readonly<{
  events: readonly string[];
  delta_quantity: readonly OracleRow[];
  inventory_current: readonly OracleRow[];
  sales_daily: readonly OracleRow[];
  sales_hourly: readonly OracleRow[];
  stocktake: readonly OracleRow[];
}>;

const defaultRoles: Readonly<Record<string, string>> = { 1: 'sale', 2: 'shrink', 3: 'restock', 4: 'bopis' };
const text = (value: number | null | undefined) => (value === null || value === undefined ? '' : String(value));

/** Figures that the exports in a folder must give, whatever the order in which they came. */
export function expected(inputDir: string): Expected {
  const filesOf = (kind: RegExp) =>
    readdirSync(inputDir)
      .filter((name) => kind.test(name))
      .map((name) => readFile(join(inputDir, name)));
  const roles = new Map(Object.entries(defaultRoles));
  const types = filesOf(/^inventory_change_type/).flat();
  for (const row of types) roles.set(row.change_type_id ?? '', row.change_type ?? '');
  const stores = filesOf(/^store/).flat();
  const online = Number(stores.find((row) => row.name === 'online')?.store_id ?? 0);
  const safety = new Map<number, number>();
  for (const row of filesOf(/^item/).flat()) safety.set(Number(row.item_id), Number(row.last));

  const events = identified(filesOf(/^inventory_change_(?!type)/), filesOf(/^inventory_snapshot_/));
  const roleOf = (event: Event) => (event.count ? 'count' : (roles.get(event.type) ?? 'other'));
  const moves = (event: Event) => (roleOf(event) === 'bopis' && event.store === online ? 0 : event.quantity);
  const sells = (event: Event) => (['sale', 'bopis'].includes(roleOf(event)) ? -event.quantity : null);

  const pairs = groups(events, (event) => `${event.store}|${event.item}`);
  const newest =
    events
      .map((event) => event.time)
      .sort()
      .at(-1) ?? '';
  const soldSince = new Date(Date.parse(`${newest.slice(0, 10)}T00:00:00Z`) - 91 * 86_400_000)
    .toISOString()
    .slice(0, 10);
  const current: OracleRow[] = [];
  const gaps = new Map<OracleRow, number>();
  const daily: OracleRow[] = [];
  const stocktake: OracleRow[] = [];
  for (const pair of pairs) {
    const [first] = pair;
    if (first === undefined) continue;
    const key = { store_id: text(first.store), item_id: text(first.item) };
    const walked = walk(pair, moves);
    const counts = walked.filter(({ event }) => event.count);
    const last = counts.at(-1);
    const final = walked.at(-1)?.after ?? null;
    const changes = pair.filter((event) => !event.count);
    const lastSale = walked.filter(({ event }) => sells(event) !== null).at(-1)?.event.time ?? '';
    const stock = safety.get(first.item) ?? 0;
    const ranked = final !== null && lastSale >= soldSince && lastSale !== '';
    const row: OracleRow = {
      ...key,
      snapshot_quantity: text(last?.event.quantity),
      snapshot_time: last?.event.time ?? '',
      change_quantity: final === null || last === undefined ? '' : text(final - last.event.quantity),
      final_quantity: text(final),
      delta_quantity: changes.length === 0 ? '' : text(sum(changes.map((event) => event.quantity))),
      last_event_time: walked.at(-1)?.event.time ?? '',
      last_sale_time: lastSale,
      safety_stock_quantity: text(safety.get(first.item)),
      stock_status: status(final, stock),
    };
    current.push(row);
    if (ranked) gaps.set(row, final - stock);
    for (const { event, before } of counts) {
      stocktake.push({
        ...key,
        date_time: event.time,
        counted_quantity: text(event.quantity),
        book_quantity: text(before),
        variance: before === null ? '' : text(event.quantity - before),
      });
    }
    for (const day of groups(walked, ({ event }) => event.time.slice(0, 10))) {
      const of = (role: string) => day.filter(({ event }) => roleOf(event) === role).map(({ event }) => event);
      daily.push({
        ...key,
        business_date: day[0]?.event.time.slice(0, 10) ?? '',
        units_sold: text(sum(day.map(({ event }) => sells(event) ?? 0))),
        units_bopis: text(-sum(of('bopis').map((event) => event.quantity))),
        units_restocked: text(sum(of('restock').map((event) => event.quantity))),
        units_shrink: text(-sum(of('shrink').map((event) => event.quantity))),
        closing_quantity: text(day.at(-1)?.after),
      });
    }
  }
  const ranking = [...gaps].sort(([a, gapA], [b, gapB]) => gapA - gapB || byKey(a, b));
  const rank = new Map(ranking.map(([row], index) => [row, index + 1]));
  const sales = events.filter((event) => sells(event) !== null);
  return {
    events: events.map(eventText).sort(),
    delta_quantity: current
      .filter((row) => row.delta_quantity !== '')
      .map(({ store_id = '', item_id = '', delta_quantity = '' }) => ({ store_id, item_id, delta_quantity }))
      .sort((a, b) => Number(a.delta_quantity) - Number(b.delta_quantity) || byKey(a, b)),
    inventory_current: current.map((row) => ({ ...row, low_stock_rank: text(rank.get(row)) })).sort(byKey),
    sales_daily: daily.sort((a, b) => byKey(a, b) || compare(a.business_date, b.business_date)),
    sales_hourly: groups(sales, (event) => `${event.store}|${event.time.slice(0, 13)}`)
      .map((hour) => ({
        store_id: text(hour[0]?.store),
        business_date: hour[0]?.time.slice(0, 10) ?? '',
        hour: text(Number(hour[0]?.time.slice(11, 13))),
        units_sold: text(sum(hour.map((event) => sells(event) ?? 0))),
        transactions: text(new Set(hour.map((event) => event.trans)).size),
      }))
      .sort(
        (a, b) =>
          Number(a.store_id) - Number(b.store_id) ||
          compare(a.business_date, b.business_date) ||
          Number(a.hour) - Number(b.hour),
      ),
    stocktake: stocktake.sort((a, b) => byKey(a, b) || compare(a.date_time, b.date_time)),
  };
}

/** What rows of combined.csv (a whole history) must say of themselves: identity, final_quantity, source_type, units_sold. */
export function expectedCombined(rows: readonly OracleRow[], onlineStore = '0') {
  const ordered = [...rows].sort(
    (a, b) =>
      byKey(a, b) ||
      compare(a.date_time, b.date_time) ||
      phase(a.source_type === 'snapshot_only', Number(a.quantity)) -
        phase(b.source_type === 'snapshot_only', Number(b.quantity)) ||
      (a.source_type === 'snapshot_only' ? Number(a.quantity) - Number(b.quantity) : 0) ||
      compare(a.event_id, b.event_id),
  );
  let pair = '';
  let stock: number | null = null;
  return ordered.map((row) => {
    if (pair !== `${row.store_id}|${row.item_id}`) stock = null;
    pair = `${row.store_id}|${row.item_id}`;
    const count = row.change_type_id === '';
    if (count) stock = Number(row.quantity);
    const counted = stock !== null;
    const bopis = row.change_type === 'bopis';
    if (!count && stock !== null && !(bopis && row.store_id === onlineStore)) stock += Number(row.quantity);
    return {
      event_id: row.event_id,
      final_quantity: text(stock),
      source_type: count ? 'snapshot_only' : counted ? 'snapshot_w_change' : 'change_only',
      units_sold: bopis || row.change_type === 'sale' ? text(-Number(row.quantity)) : '',
    };
  });
}

/** The identity of an event as one text, `n` left out, so that identical events stand as often as they count. */
export function identityOfRow(row: OracleRow): string {
  const count = row.change_type_id === '';
  return eventText({
    count,
    store: Number(row.store_id),
    item: Number(row.item_id),
    time: row.date_time ?? '',
    quantity: Number(row.quantity),
    type: row.change_type_id ?? '',
    trans: row.trans_id ?? '',
    employee: row.employee_id ?? '',
  });
}

function eventText(event: Event): string {
  const { count, store, item, time, quantity, type, trans, employee } = event;
  return [count ? 'count' : 'change', store, item, time, quantity, type, trans, employee].join(' ');
}

/** n counts identical lines within one file; two files that hold the same n-th line hold one event. */
function identified(changeFiles: OracleRow[][], countFiles: OracleRow[][]): Event[] {
  const found = new Map<string, Event>();
  for (const [kind, files] of [['change', changeFiles] as const, ['count', countFiles] as const]) {
    for (const rows of files) {
      const seen = new Map<string, number>();
      for (const row of rows) {
        const event: Event = {
          count: kind === 'count',
          store: Number(row.store_id),
          item: Number(row.item_id),
          time: localTime(row.date_time ?? ''),
          quantity: Number(row.quantity),
          type: row.change_type_id ?? '',
          trans: (row.trans_id ?? '').replace(/^\{|\}$/g, ''),
          employee: row.employee_id ?? '',
        };
        const key = eventText(event);
        const n = kind === 'count' ? 1 : (seen.get(key) ?? 0) + 1;
        seen.set(key, n);
        found.set(`${key} #${n}`, event);
      }
    }
  }
  return [...found.values()];
}

/** Stock before and after each event of a pair; at one time counts by quantity, then receipts, then issues. */
function walk(pair: readonly Event[], moves: (event: Event) => number) {
  let stock: number | null = null;
  return [...pair]
    .sort(
      (a, b) =>
        compare(a.time, b.time) ||
        phase(a.count, a.quantity) - phase(b.count, b.quantity) ||
        (a.count ? a.quantity - b.quantity : 0),
    )
    .map((event) => {
      const before = stock;
      if (event.count) stock = event.quantity;
      else if (stock !== null) stock += moves(event);
      return { event, before, after: stock };
    });
}

function phase(count: boolean, quantity: number): number {
  if (count) return 0;
  return quantity > 0 ? 1 : 2;
}

function status(final: number | null, safety: number): string {
  if (final === null) return 'unknown';
  if (final < 0) return 'negative';
  if (final === 0) return 'out';
  return final <= safety ? 'low' : 'ok';
}

/** `1/20/2026 8:05` or `2026-01-20 08:05[:00]` as outputs write it. */
function localTime(written: string): string {
  const [date = '', clock = ''] = written.split(' ');
  const [hour = '', minute = '', second = '00'] = clock.split(':');
  const parts = date.includes('/') ? date.split('/') : [];
  const [month = '', day = '', year = ''] = parts;
  const iso = parts.length === 3 ? `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}` : date;
  return `${iso} ${hour.padStart(2, '0')}:${minute}:${second}`;
}

/** Rows by column name; `last` is the last field, which a comma in a quoted name does not move. */
function readFile(path: string): OracleRow[] {
  const [header = '', ...lines] = readFileSync(path, 'utf8').replace('\ufeff', '').split(/\r?\n/);
  const names = header.split(',');
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const fields = line.split(',');
      return { ...Object.fromEntries(names.map((name, at) => [name, fields[at] ?? ''])), last: fields.at(-1) ?? '' };
    });
}

function groups<T>(all: readonly T[], keyOf: (one: T) => string): T[][] {
  const found = new Map<string, T[]>();
  for (const one of all) {
    const group = found.get(keyOf(one));
    if (group === undefined) found.set(keyOf(one), [one]);
    else group.push(one);
  }
  return [...found.values()];
}

function byKey(a: OracleRow, b: OracleRow): number {
  return Number(a.store_id) - Number(b.store_id) || Number(a.item_id) - Number(b.item_id);
}

function compare(a = '', b = ''): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** +0, so that the negated sum of nothing is not -0. */
function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) + 0;
}
