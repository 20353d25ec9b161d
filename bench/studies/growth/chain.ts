import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../../../local/simulator/random.ts';

/** A chain of stores whose history is as large as a study asks for. Months have 28 days, so that windows are alike. */
export type Chain = Readonly<{ inputDir: string; stores: number; items: number; rowsPerMonth: number }>;

export const rowsPerHour = 3_000;
const firstYear = 2024;
const daysPerMonth = 28;
const openHour = 8;
const noon = 12;
const minutesOpen = 720;
const historySeed = 1;
const hourSeed = 2;

/** Names and one count of every store and item, so that all pairs are there from the first month on. */
export function openChain({ inputDir, stores, items }: Chain): void {
  mkdirSync(inputDir, { recursive: true });
  const lines = (count: number, line: (n: number) => string) =>
    Array.from({ length: count }, (_, n) => line(n + 1)).join('');
  const write = (name: string, text: string) => writeFileSync(join(inputDir, name), text);
  write('inventory_change_type.csv', 'change_type_id,change_type\n1,sale\n2,shrink\n3,restock\n4,bopis\n');
  write('store.csv', `store_id,name\n0,online\n${lines(stores, (store) => `${store},store ${store}\n`)}`);
  write(
    'item.csv',
    `item_id,name,supplier_id,safety_stock_quantity\n${lines(items, (item) => `${item},item ${item},${item % 97},${item % 20}\n`)}`,
  );
  for (let store = 1; store <= stores; store++) {
    write(
      `inventory_snapshot_${store}.csv`,
      `item_id,employee_id,store_id,date_time,quantity\n${lines(items, (item) => `${item},7,${store},${localTime(0, 0, 0)},${100 + (item % 900)}\n`)}`,
    );
    write(changeFile(store), 'trans_id,item_id,store_id,date_time,quantity,change_type_id\n');
  }
}

/** Appends a month to the stores' files; its last day is open until noon, so that hours can follow. */
export function appendMonth(chain: Chain, month: number): void {
  const rows = Math.round(chain.rowsPerMonth / chain.stores);
  const minutes = (daysPerMonth - 1) * minutesOpen + (noon - openHour) * 60;
  for (let store = 1; store <= chain.stores; store++) {
    const random = new Random(historySeed, store, month);
    let text = '';
    for (let row = 0; row < rows; row++) {
      text += changeLine(chain, random, store, `${month}-${row >> 1}`, month, Math.floor((row * minutes) / rows));
    }
    appendFileSync(join(chain.inputDir, changeFile(store)), text);
  }
}

/** Appends hour `hour` (0 to 7) after noon of the last day of `month`: the same rows at every size but for their date. */
export function appendHour(chain: Chain, month: number, hour: number): void {
  for (let store = 1; store <= chain.stores; store++) {
    const random = new Random(hourSeed, store, hour);
    const rows = rowsPerHour / chain.stores;
    let text = '';
    for (let row = 0; row < rows; row++) {
      const minute = (daysPerMonth - 1) * minutesOpen + (noon - openHour + hour) * 60 + Math.floor((row * 60) / rows);
      text += changeLine(chain, random, store, `h${month}-${hour}-${row >> 1}`, month, minute);
    }
    appendFileSync(join(chain.inputDir, changeFile(store)), text);
  }
}

/** Two lines a receipt, most of them sales; a tenth of the items makes about a third of the rows. */
function changeLine(
  chain: Chain,
  random: Random,
  store: number,
  receipt: string,
  month: number,
  minute: number,
): string {
  const item = 1 + Math.floor(chain.items * random.next() ** 2);
  const kind = random.next();
  const [type, quantity] = kind < 0.93 ? [1, -1 - random.below(4)] : kind < 0.98 ? [3, 10 + random.below(40)] : [2, -1];
  const time = localTime(month, Math.floor(minute / minutesOpen), (minute % minutesOpen) + openHour * 60);
  return `{${store}-${receipt}},${item},${store},${time},${quantity},${type}\n`;
}

function localTime(month: number, day: number, minuteOfDay: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${firstYear + Math.floor(month / 12)}-${two(1 + (month % 12))}-${two(1 + day)}`;
  return `${date} ${two(Math.floor(minuteOfDay / 60))}:${two(minuteOfDay % 60)}`;
}

function changeFile(store: number): string {
  return `inventory_change_${store}.csv`;
}
