import { calendarOf, weekdayOf } from './localTime.ts';
import { Random } from './random.ts';

/** Opening rules of a region: hours of a working day and of a Sunday, in local hours; null is closed. */
type Region = Readonly<{ day: readonly [number, number]; sunday: readonly [number, number] | null }>;

const europe: Region = { day: [9, 20], sunday: null };
const islands: Region = { day: [9, 20], sunday: [11, 17] };
const america: Region = { day: [10, 21], sunday: [11, 18] };
const india: Region = { day: [10, 21], sunday: [10, 21] };

const cities: readonly (readonly [string, string, Region])[] = [
  ['Berlin', 'Europe/Berlin', europe],
  ['London', 'Europe/London', islands],
  ['New York', 'America/New_York', america],
  ['Chicago', 'America/Chicago', america],
  ['Zürich', 'Europe/Zurich', europe],
  ['Mumbai', 'Asia/Kolkata', india],
  ['Los Angeles', 'America/Los_Angeles', america],
  ['Dublin', 'Europe/Dublin', islands],
  ['Köln', 'Europe/Berlin', europe],
  ['Denver', 'America/Denver', america],
  ['Phoenix', 'America/Phoenix', america],
  ['Wien', 'Europe/Vienna', europe],
  ['Toronto', 'America/Toronto', america],
  ['Leeds', 'Europe/London', islands],
  ['Helsinki', 'Europe/Helsinki', islands],
  ['Boston', 'America/New_York', america],
];

/** A store as the simulator knows it. `size` in [0.3, 1] steers sales, assortment and staff. Store 0 is the web shop. */
export type Store = Readonly<{
  id: number;
  name: string;
  timeZone: string;
  size: number;
  /** Middle part of its file names: online, store001, … */
  label: string;
  region: Region | null;
}>;

/** The web shop and `count` stores; a store is the same whatever the count. */
export function listStores(count: number, seed: number): readonly Store[] {
  const web: Store = { id: 0, name: 'online', timeZone: 'Europe/Berlin', size: 1, label: 'online', region: null };
  const shops = Array.from({ length: count }, (_, index): Store => {
    const [city, timeZone, region] = cities[index % cities.length] ?? ['Berlin', 'Europe/Berlin', europe];
    const round = Math.floor(index / cities.length);
    const size = 0.3 + 0.7 * new Random(seed, 0x5704, index).next();
    const name = round === 0 ? city : `${city} ${round + 1}`;
    return { id: index + 1, name, timeZone, size, label: `store${String(index + 1).padStart(3, '0')}`, region };
  });
  return [web, ...shops];
}

/** Local opening hours [from, to) of a day, or null where the store stays closed. The web shop never closes. */
export function openingHours(store: Store, day: number): readonly [number, number] | null {
  if (store.region === null) return [0, 24];
  const { month, date } = calendarOf(day);
  if ((month === 1 && date === 1) || (month === 12 && date === 25)) return null;
  const hours = weekdayOf(day) === 0 ? store.region.sunday : store.region.day;
  if (hours === null) return null;
  // Christmas Eve ends early everywhere; every third store is a late opener.
  const [from, to] = hours;
  return [store.id % 3 === 0 ? from + 1 : from, month === 12 && date === 24 ? 14 : to];
}
