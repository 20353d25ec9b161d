import { type ItemDemand, windowDays } from './itemDemand.ts';

/** Parts of the day by the hour they begin with; the evening lasts until the morning. */
export const dayParts = ['morning', 'midday', 'afternoon', 'evening'] as const;
const partFrom = [5, 11, 14, 18] as const;

/** Columns of a feature row in their order; months stand last, and only where a season is known. */
export const featureColumns = { level: 0, adi: 1, variation: 2, weekdays: 3, parts: 10, months: 14 } as const;

/**
 * Items × features, row after row. `raw`: log of mean daily units, log of ADI, log(1 + CV²), then indices (1 = spread
 * evenly over the buckets). `scaled`: the same z-scored and divided by the root of the columns of their kind, so that
 * level, regularity, week, day and year weigh alike.
 */
export type ItemFeatures = Readonly<{
  /** Ascending. */
  itemIds: readonly number[];
  columns: number;
  raw: Float64Array;
  scaled: Float64Array;
}>;

/**
 * Units of the average item that each profile is drawn to. With 30, noise: in the real year 41 % of the items kept their
 * cluster's name over a month, with 300 66 % (medians of nine).
 */
const priorUnits = 300;

/** Features of items that have demand. `seasonal`: the data holds 13 months, so months are features too. */
export function itemFeatures(demands: readonly ItemDemand[], seasonal: boolean): ItemFeatures {
  const items = [...demands].sort((a, b) => a.itemId - b.itemId);
  const columns = featureColumns.months + (seasonal ? 12 : 0);
  const raw = new Float64Array(items.length * columns);
  const parts = items.map(({ hours }) => partsOf(hours));
  // An item younger than the window has no season of its own, whatever months it was there for.
  const months = items.map((item) => (item.days < windowDays ? new Float64Array(12) : item.months));
  const average = {
    weekdays: averageShares(items.map(({ weekdays }) => weekdays)),
    parts: averageShares(parts),
    months: averageShares(months),
  };
  items.forEach((item, at) => {
    const row = raw.subarray(at * columns, (at + 1) * columns);
    const size = item.units / item.demandDays;
    row[featureColumns.level] = Math.log(item.units / item.days);
    row[featureColumns.adi] = Math.log(Math.max(1, item.days / item.demandDays));
    row[featureColumns.variation] = Math.log1p(Math.max(0, item.sumOfSquares / item.demandDays / (size * size) - 1));
    row.set(profile(item.weekdays, average.weekdays), featureColumns.weekdays);
    row.set(profile(parts[at] as Float64Array, average.parts), featureColumns.parts);
    if (seasonal) row.set(profile(months[at] as Float64Array, average.months), featureColumns.months);
  });
  return { itemIds: items.map(({ itemId }) => itemId), columns, raw, scaled: scale(raw, items.length, columns) };
}

function partsOf(hours: Float64Array): Float64Array {
  const parts = new Float64Array(partFrom.length);
  hours.forEach((units, hour) => {
    const part = (partFrom.findLastIndex((from) => from <= hour) + partFrom.length) % partFrom.length;
    parts[part] = (parts[part] as number) + units;
  });
  return parts;
}

/** Mean over items of their shares, so that no bestseller is the average. */
function averageShares(profiles: readonly Float64Array[]): Float64Array {
  const width = profiles[0]?.length ?? 0;
  const shares = new Float64Array(width);
  for (const units of profiles) {
    const sum = total(units);
    if (sum > 0)
      for (let at = 0; at < width; at += 1) shares[at] = (shares[at] as number) + (units[at] as number) / sum;
  }
  const sum = total(shares);
  return shares.map((share) => (sum > 0 ? share / sum : 1 / width));
}

/** Shares drawn to the average item's, as indices: 1 where every bucket holds as much. */
function profile(units: Float64Array, average: Float64Array): Float64Array {
  const sum = total(units);
  return units.map((own, at) => ((own + priorUnits * (average[at] as number)) / (sum + priorUnits)) * units.length);
}

function scale(raw: Float64Array, rows: number, columns: number): Float64Array {
  const scaled = new Float64Array(raw.length);
  for (let column = 0; column < columns; column += 1) {
    let sum = 0;
    let squares = 0;
    for (let row = 0; row < rows; row += 1) sum += raw[row * columns + column] as number;
    const mean = sum / rows;
    for (let row = 0; row < rows; row += 1) squares += ((raw[row * columns + column] as number) - mean) ** 2;
    const spread = Math.sqrt(squares / rows) * Math.sqrt(alike(column));
    // Rounding alone makes a column of one value differ from its mean.
    if (!(spread > 1e-9)) continue;
    for (let at = column; at < raw.length; at += columns) scaled[at] = ((raw[at] as number) - mean) / spread;
  }
  return scaled;
}

/** Columns of the kind of a column. */
function alike(column: number): number {
  if (column === featureColumns.level) return 1;
  if (column < featureColumns.weekdays) return 2;
  if (column < featureColumns.parts) return 7;
  return column < featureColumns.months ? 4 : 12;
}

function total(units: Float64Array): number {
  return units.reduce((sum, value) => sum + value, 0);
}
