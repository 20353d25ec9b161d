import { demandClasses } from './demandClass.ts';
import type { PairBasis } from './pairBasis.ts';
import type { PairForecast } from './pairForecast.ts';

/** What is kept of a pair between forecasts: its own figures at all origins, and what planning asks of its daily demand. */
export type PairRecord = Readonly<{
  basis: PairBasis;
  planning: PairPlanning;
}>;

export type PairPlanning = Readonly<{
  everSold: boolean;
  knownDays: number;
  /** Units of the newest 365 closed days: for ABC. */
  yearUnits: number;
  /** Place in 'XYZ', 3 = not known. */
  xyz: number;
  lostUnits: number;
  /** Lead time + review period, 0 = not known; errors over it as `protectionScores` gives them. */
  horizonDays: number;
  pool: number;
  scale: number;
  scores: Float32Array;
  pools: Uint8Array;
}>;

const heads = 12;
const series = [
  'levels',
  'means',
  'soldToDate',
  'soldCurrent',
  'soldNext',
  'linearNext',
  'lastNext',
  'classes',
  'knownDays',
] as const satisfies readonly (keyof PairBasis)[];

/** As bytes: 12 doubles, then floats, little-endian as every machine of today; `readRecord` knows the order. */
export function writeRecord({ basis, planning }: PairRecord): Uint8Array {
  const origins = basis.levels.length;
  const head = Float64Array.of(
    origins,
    basis.months.length,
    planning.scores.length,
    basis.level,
    planning.everSold ? 1 : 0,
    planning.knownDays,
    planning.yearUnits,
    planning.xyz,
    planning.lostUnits,
    planning.horizonDays,
    planning.pool,
    planning.scale,
  );
  const floats = new Float32Array(origins * series.length + basis.months.length + planning.scores.length);
  for (const [at, name] of series.entries()) floats.set(basis[name], at * origins);
  floats.set(basis.months, origins * series.length);
  floats.set(planning.scores, origins * series.length + basis.months.length);
  const bytes = new Uint8Array(head.byteLength + floats.byteLength + planning.pools.length);
  bytes.set(new Uint8Array(head.buffer), 0);
  bytes.set(new Uint8Array(floats.buffer), head.byteLength);
  bytes.set(planning.pools, head.byteLength + floats.byteLength);
  return bytes;
}

/** @throws RangeError where the bytes are not such a record */
export function readRecord(storeId: number, itemId: number, bytes: Uint8Array): PairRecord {
  // A copy of its own (a Buffer's slice is none): the bytes may begin anywhere in a larger buffer, and doubles must not.
  const own = new Uint8Array(bytes);
  const head = new Float64Array(own.buffer, 0, heads);
  const [origins = 0, months = 0, scores = 0] = head;
  const floats = new Float32Array(own.buffer, heads * 8, origins * series.length + months + scores);
  const part = (at: number) => floats.subarray(at * origins, (at + 1) * origins);
  const afterSeries = origins * series.length;
  const figures = Object.fromEntries(series.map((name, at) => [name, part(at)])) as Record<
    (typeof series)[number],
    Float32Array
  >;
  return {
    basis: {
      storeId,
      itemId,
      ...figures,
      months: floats.subarray(afterSeries, afterSeries + months),
      level: head[3] as number,
    },
    planning: {
      everSold: head[4] === 1,
      knownDays: head[5] as number,
      yearUnits: head[6] as number,
      xyz: head[7] as number,
      lostUnits: head[8] as number,
      horizonDays: head[9] as number,
      pool: head[10] as number,
      scale: head[11] as number,
      scores: floats.subarray(afterSeries + months),
      pools: own.subarray(heads * 8 + floats.byteLength),
    },
  };
}

/** Name of a pair's demand class at the present; undefined for one that never sold. */
export function classOf({ classes }: PairForecast): string | undefined {
  return demandClasses[classes[classes.length - 1] ?? Number.NaN];
}
