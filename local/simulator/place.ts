import type { Clock } from './clock.ts';
import { linesScale } from './demand.ts';
import { type EventKind, eventFile } from './exportLines.ts';
import { Random } from './random.ts';
import type { Shelf } from './shelf.ts';
import type { Store } from './stores.ts';

/** A line for its hour's file, with the local minute it is sorted by. */
export type Line = Readonly<{ minute: number; text: string }>;

/** A line that reaches its file hours after it happened. */
export type LateLine = Line & Readonly<{ place: Place; kind: EventKind }>;

/** A store while it runs. */
export type Place = {
  readonly store: Store;
  readonly shelf: Shelf;
  readonly files: Readonly<Record<EventKind, string>>;
  /** Lines of the hour being simulated. */
  readonly lines: Readonly<Record<EventKind, Line[]>>;
  /** Mean sale lines per hour and unit of demand. */
  readonly linesPerDemand: number;
  /** A recount goes through the assortment in this many working days. */
  readonly countRounds: number;
  /** Restarted every hour: one stream per (seed, store, hour). */
  readonly random: Random;
  /** Number of the last receipt. */
  receipts: number;
  /** Working days with a recount so far. */
  rounds: number;
  clock: Clock;
};

/** What the stores of a chain share while it runs. */
export type World = Readonly<{
  places: readonly Place[];
  /** Summed popularity by position, see popularityTable. */
  table: Float64Array;
  /** Late lines by the UTC hour in which they are exported. */
  late: Map<number, LateLine[]>;
  /** No late line is due at or after this UTC hour. */
  endHour: number;
}>;

/** Opens a store before its first day. */
export function openPlace(
  store: Store,
  shelf: Shelf,
  clock: Clock,
  sales: Readonly<{ linesPerHour: number; firstDay: number; days: number }>,
): Place {
  // Recounts stay under 4 % of a store's lines, or a big assortment with few sales would be all counts.
  const rounds = Math.ceil(shelf.items.length / (0.04 * 24 * sales.linesPerHour));
  return {
    store,
    shelf,
    files: { change: eventFile('change', store), snapshot: eventFile('snapshot', store) },
    lines: { change: [], snapshot: [] },
    linesPerDemand: sales.linesPerHour * linesScale(store, sales.firstDay, sales.days),
    countRounds: Math.max(26, rounds),
    random: new Random(0, 0, 0),
    receipts: 100_000,
    rounds: 0,
    clock,
  };
}

/** UTC hour in which a receipt of now is exported when its register is offline for a while; rarely, else undefined. */
export function lateHour(world: World, place: Place): number | undefined {
  if (!place.random.chance(0.003)) return undefined;
  const due = place.clock.utcHour + 3 + place.random.below(28);
  return due < world.endHour ? due : undefined;
}

/** Puts a line into this hour's file, or into the file of the hour in which it is due. */
export function addLine(world: World, place: Place, kind: EventKind, line: Line, dueHour?: number): void {
  if (dueHour === undefined) {
    place.lines[kind].push(line);
    return;
  }
  const waiting = world.late.get(dueHour);
  const late = { ...line, place, kind };
  if (waiting === undefined) world.late.set(dueHour, [late]);
  else waiting.push(late);
}
