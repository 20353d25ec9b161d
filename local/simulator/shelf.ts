import type { Random } from './random.ts';

const meanUnitsPerLine = 1.52;

/**
 * What one store carries and has. Positions run from the store's best seller (0) to its slowest; `stock` holds the units that
 * are really there, which the books of the exports know only as well as counts and rows tell; `onOrder` units on their way.
 */
export type Shelf = Readonly<{
  items: Uint32Array;
  stock: Int32Array;
  onOrder: Int32Array;
  /** Mean units sold per day at the best position, were its weight 1. */
  unitsPerWeight: number;
  /** Positions by delivery day (days since 1970). */
  deliveries: Map<number, number[]>;
}>;

/** Zipf-Mandelbrot weights 1 / (rank + q) summed up; one table serves all stores, each uses its first positions. */
export function popularityTable(items: number): Float64Array {
  const table = new Float64Array(items);
  let sum = 0;
  for (let rank = 0; rank < items; rank++) {
    sum += weightOf(rank, items);
    table[rank] = sum;
  }
  return table;
}

const weightOf = (rank: number, items: number) => 1 / (rank + 2 + 0.03 * Math.min(items, 1000));

/**
 * Chooses a store's assortment: all items for the web shop, else by size; best sellers surely, slow items by lot, and the order
 * of popularity a little different from the chain's. Big catalogues grow by the square root, or a corner shop would carry all.
 */
export function stockShelf(byPopularity: Uint32Array, size: number, online: boolean, random: Random): Uint32Array {
  const all = byPopularity.length;
  const share = online ? 1 : 0.35 + 0.6 * size;
  const count = online ? all : Math.max(1, Math.ceil(share * (all <= 1000 ? all : Math.sqrt(all * 1000))));
  const sure = Math.floor(count * 0.6);
  const chosen = new Uint32Array(count);
  let taken = 0;
  // Selection sampling (Knuth, TAOCP 3.4.2 S) among the ranks after the sure ones.
  for (let rank = 0; taken < count; rank++) {
    if (rank < sure || (all - rank) * random.next() < count - taken) chosen[taken++] = byPopularity[rank] ?? 0;
  }
  for (let position = 0; position < count; position++) {
    const other = Math.min(count - 1, position + random.below(1 + position * 0.4));
    const moved = chosen[position] ?? 0;
    chosen[position] = chosen[other] ?? 0;
    chosen[other] = moved;
  }
  return chosen;
}

/** A shelf on the first day, filled at random between a third and all of what the store would order up to. */
export function fillShelf(items: Uint32Array, linesPerDay: number, table: Float64Array, random: Random): Shelf {
  const count = items.length;
  const unitsPerWeight = (linesPerDay * meanUnitsPerLine) / (table[count - 1] ?? 1);
  const stock = new Int32Array(count);
  const shelf = { items, stock, onOrder: new Int32Array(count), unitsPerWeight, deliveries: new Map() };
  for (let position = 0; position < count; position++) {
    const { orderPoint, orderUpTo } = levels(shelf, position, table, 1);
    stock[position] = orderPoint + random.below(orderUpTo - orderPoint + 1);
  }
  return shelf;
}

/** A position drawn by popularity from the first `count` entries of the table. */
export function drawPosition(table: Float64Array, count: number, uniform: number): number {
  const target = uniform * (table[count - 1] ?? 0);
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((table[middle] ?? 0) > target) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Orders up to the level once the stock is at or under the order point; delivery 1-4 days later, one in twenty a week late.
 * @param demand how strong the season is, 1 = average
 */
export function orderIfLow(
  shelf: Shelf,
  position: number,
  table: Float64Array,
  day: number,
  demand: number,
  r: Random,
) {
  const left = shelf.stock[position] ?? 0;
  if ((shelf.onOrder[position] ?? 0) > 0) return;
  const { orderPoint, orderUpTo } = levels(shelf, position, table, demand);
  if (left > orderPoint) return;
  const pack = orderUpTo > 48 ? 12 : orderUpTo > 15 ? 6 : 1;
  shelf.onOrder[position] = Math.ceil((orderUpTo - left) / pack) * pack;
  const due = day + 1 + r.below(4) + (r.chance(0.05) ? 5 + r.below(6) : 0);
  const others = shelf.deliveries.get(due);
  if (others === undefined) shelf.deliveries.set(due, [position]);
  else others.push(position);
}

/** Positions whose delivery is due by `day`, in the order they were ordered per day; they leave the list. */
export function takeDeliveries(shelf: Shelf, day: number): readonly number[] {
  const due = [...shelf.deliveries.keys()].filter((key) => key <= day).sort((a, b) => a - b);
  return due.flatMap((key) => {
    const positions = shelf.deliveries.get(key) ?? [];
    shelf.deliveries.delete(key);
    return positions;
  });
}

/** Mean units sold per day at a position. */
export function unitsPerDay(shelf: Shelf, position: number, table: Float64Array): number {
  return ((table[position] ?? 0) - (position === 0 ? 0 : (table[position - 1] ?? 0))) * shelf.unitsPerWeight;
}

/** Order point: demand of four days and a buffer of 1.2 sigma, Poisson with one half more variance; target: nine days more. */
function levels(shelf: Shelf, position: number, table: Float64Array, demand: number) {
  const daily = unitsPerDay(shelf, position, table) * demand;
  const orderPoint = Math.ceil(4 * daily + 1.2 * Math.sqrt(6 * daily) + 0.5);
  return { orderPoint, orderUpTo: orderPoint + Math.max(3, Math.ceil(9 * daily)) };
}
