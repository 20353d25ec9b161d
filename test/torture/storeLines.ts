import type { Random } from './random.ts';

/** The stores' time, moved by what they sell; transactions are numbered through. */
export type Clock = { readonly startMs: number; nowMs: number; transactions: number };

export const headers = {
  change: 'trans_id,item_id,store_id,date_time,quantity,change_type_id',
  count: 'item_id,employee_id,store_id,date_time,quantity',
} as const;

const items = [101, 102, 103, 104, 105, 106, 107];
const minuteMs = 60_000;

export const referenceFiles: readonly (readonly [string, string])[] = [
  ['inventory_change_type.csv', 'change_type_id,change_type\n1,sale\n2,shrink\n3,restock\n4,bopis\n'],
  ['store.csv', 'store_id,name\n0,online\n1,North\n2,South\n'],
  [
    'item.csv',
    `item_id,name,supplier_id,safety_stock_quantity\n${items.map((item) => `${item},Thing ${item},9,${item - 95}\n`).join('')}`,
  ],
];

/** Receipts of one to four lines; late ones lie anywhere in the past. */
export function changeLines(random: Random, clock: Clock, store: number, rows: number, late: boolean): string[] {
  const lines: string[] = [];
  while (lines.length < rows) {
    clock.transactions += 1;
    const time = timeText(moment(random, clock, late), store);
    for (const item of random.shuffled(items).slice(0, random.between(1, 4))) {
      const type = random.pick([1, 1, 1, 1, 2, 3, 3, 4, 9]);
      const units = random.between(1, 9);
      const quantity = type === 3 ? units * 4 : random.chance(0.08) ? units : -units;
      lines.push(`{T${clock.transactions}},${item},${store},${time},${quantity},${type}`);
    }
  }
  return lines;
}

export function countLine(random: Random, clock: Clock, store: number, late: boolean): string {
  const employee = store === 0 ? '' : random.between(1, 3);
  const time = timeText(moment(random, clock, late), store);
  return `${random.pick(items)},${employee},${store},${time},${random.between(0, 60)}`;
}

/** A line of every kind of bad change. */
export function badChange(random: Random, clock: Clock, store: number): string[] {
  clock.transactions += 1;
  const id = `{B${clock.transactions}}`;
  const time = timeText(moment(random, clock, false), store);
  return [
    `${id},101,${store},${time},3.5,1`,
    `${id},101,${store},${time},,1`,
    `${id},101,${store},${time},99999999999,1`,
    `${id},101,${store},${time},-1`,
    `${id},101,${store},${time},-1,1,surplus`,
    `${id},101,${store},13/45/2026 10:00,-1,1`,
    `${id},101,${store},1970-01-01 00:00,-1,1`,
    `${id},101,${store},2091-01-01 00:00,-1,1`,
    `{},101,${store},${time},-1,1`,
    `${id},abc,${store},${time},-1,1`,
    `${id},101,9007199254740993,${time},-1,1`,
    `${id},101,${store},${time},-1,sale`,
    `"${id},101,${store},${time},-1,1`,
    `${id}\0,101,${store},${time},-1,1`,
    `${id}\u00ff,101,${store},${time},-1,1`,
  ];
}

export function badCount(random: Random, clock: Clock, store: number): string[] {
  const time = timeText(moment(random, clock, false), store);
  return [`102,1,${store},${time},-4`, `102,1,${store},yesterday ${random.between(1, 999)},4`];
}

function moment(random: Random, clock: Clock, late: boolean): number {
  if (late) return clock.startMs + Math.floor(random.next() * (clock.nowMs - clock.startMs));
  clock.nowMs += random.between(1, 480) * minuteMs;
  return clock.nowMs;
}

/** Each store writes times in its own way. */
function timeText(ms: number, store: number): string {
  const iso = new Date(ms).toISOString();
  if (store === 0) return `${iso.slice(0, 10)} ${iso.slice(11, 19)}`;
  if (store === 2) return `${iso.slice(0, 10)} ${iso.slice(11, 16)}`;
  const [year, month, day] = iso.slice(0, 10).split('-').map(Number);
  return `${month}/${day}/${year} ${Number(iso.slice(11, 13))}:${iso.slice(14, 16)}`;
}
