import { itemsByPopularity } from './catalogue.ts';
import { type Limits, readClock } from './clock.ts';
import { salesShares } from './demand.ts';
import type { EventKind } from './exportLines.ts';
import { dayOf, utcHourOf } from './localTime.ts';
import type { SimulatorOptions } from './options.ts';
import { type LateLine, openPlace, type Place, type World } from './place.ts';
import { Random } from './random.ts';
import { sellHour } from './sales.ts';
import { fillShelf, popularityTable, stockShelf } from './shelf.ts';
import { countOpening, workHour } from './stockroom.ts';
import { listStores } from './stores.ts';

/** Takes the lines that one hour adds to one file. */
export type Emit = (file: string, text: string, rows: number) => void;

/** A chain of stores that runs hour by hour. Hours are UTC, counted from 1970. */
export type Chain = Readonly<{
  firstHour: number;
  /** The hour after the last one, Infinity for a chain that goes on. */
  endHour: number;
  /** All event files it will ever write to, with their kind. */
  files: readonly (readonly [string, EventKind])[];
  /** Simulates the next hour; what it emits depends on options and hour alone. */
  nextHour(emit: Emit): void;
  /** Oldest and newest local time emitted so far, yyyy-MM-dd HH:mm:ss. */
  span(): Readonly<{ first: string; last: string }>;
}>;

// Of the rows of an average chain about this part are lines that customers want; stock-outs take some away, restocks, counts and bopis doubles add others.
const saleLinesPerRow = 0.945;

/** Opens the chain before its first hour. With `stopAfterDays` every store ends at its own midnight after options.days. */
export function startChain(options: SimulatorOptions, stopAfterDays: boolean): Chain {
  const firstDay = dayOf(options.startDate) ?? 0;
  const endMinute = stopAfterDays ? (firstDay + options.days) * 1440 : Number.POSITIVE_INFINITY;
  const limits: Limits = { firstDay, endMinute };
  const stores = listStores(options.stores, options.seed);
  const hoursAt = (minute: number) => stores.map((store) => utcHourOf(store.timeZone, minute));
  const firstHour = Math.min(...hoursAt(firstDay * 1440));
  const endHour = stopAfterDays ? Math.max(...hoursAt(endMinute - 1)) + 1 : endMinute;

  const byPopularity = itemsByPopularity(options.items, options.seed);
  const table = popularityTable(options.items);
  const shares = salesShares(stores);
  const places = stores.map((store): Place => {
    const random = new Random(options.seed ^ 0x54e1f, store.id, 0);
    const linesPerHour = options.rowsPerHour * saleLinesPerRow * (shares[store.id] ?? 0);
    const items = stockShelf(byPopularity, store.size, store.region === null, random);
    const shelf = fillShelf(items, linesPerHour * 24, table, random);
    const clock = readClock(store, items.length, firstHour, options.seed, limits);
    return openPlace(store, shelf, clock, { linesPerHour, firstDay, days: options.days });
  });
  const world: World = { places, table, late: new Map<number, LateLine[]>(), endHour };
  const kinds = ['change', 'snapshot'] as const;
  let hour = firstHour;
  let newest = firstDay * 1440;

  return {
    firstHour,
    endHour,
    files: places.flatMap((place) => kinds.map((kind) => [place.files[kind], kind] as const)),
    nextHour(emit) {
      for (const place of places) {
        place.clock = readClock(place.store, place.shelf.items.length, hour, options.seed, limits, place.clock);
        place.random.restart(options.seed, place.store.id, hour);
      }
      const late = world.late.get(hour) ?? [];
      world.late.delete(hour);
      for (const { place, kind, text } of late) emit(place.files[kind], text, 1);
      // Emitted store by store, or the first midnight's counts of a thousand stores would all wait in memory.
      for (const place of places) {
        runHour(world, place, limits);
        for (const kind of kinds) newest = Math.max(newest, emitLines(place, kind, emit));
      }
      hour++;
    },
    // The first midnight's counts are the oldest rows, and late lines are never the newest.
    span: () => ({ first: isoOf(firstDay * 1440), last: isoOf(newest) }),
  };
}

/** What one store does in the hour its clock shows; the web shop comes first, because its orders empty other shelves. */
function runHour(world: World, place: Place, limits: Limits): void {
  const { clock } = place;
  const opening = limits.firstDay * 1440;
  const ends = clock.start >= limits.endMinute;
  if (clock.start + 60 <= opening || ends) return;
  if (clock.start <= opening) countOpening(world, place, opening);
  workHour(world, place);
  sellHour(world, place);
}

const isoOf = (minute: number) => new Date(minute * 60_000).toISOString().slice(0, 19).replace('T', ' ');

/** Emits the lines of an hour in order of time; returns the newest local minute, 0 without lines. */
function emitLines(place: Place, kind: EventKind, emit: Emit): number {
  const lines = place.lines[kind];
  const newest = lines.reduce((latest, line) => Math.max(latest, line.minute), 0);
  if (lines.length === 0) return newest;
  // A stable sort: lines of one minute, above all those of one receipt, stay together.
  lines.sort((a, b) => a.minute - b.minute);
  let text = '';
  for (const line of lines) text += line.text;
  emit(place.files[kind], text, lines.length);
  lines.length = 0;
  return newest;
}
