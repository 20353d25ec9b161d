import { xyzClass } from '../planning/abcXyz.ts';
import { lostSalesEstimate } from '../planning/cover.ts';
import { protectionPrefixes, protectionScores } from '../planning/protectionScores.ts';
import type { DemandSeries, PairHistory } from './history.ts';
import { levelsAfter } from './level.ts';
import type { Origins } from './origins.ts';
import { pairBasis } from './pairBasis.ts';
import { type PairBlock, pairsOf } from './pairBlock.ts';
import { type PairPlanning, writeRecord } from './pairRecord.ts';
import type { StoreGround } from './storeOutlook.ts';

/** What all pairs of one forecast are made under; plain data, so that threads can be given it. */
export type ForecastTerms = Readonly<{
  origins: Origins;
  grounds: readonly StoreGround[];
  xyzCuts: readonly [number, number];
}>;

const yearDays = 365;

/** Makes the records of blocks of pairs under the same terms. */
export function blockForecaster(terms: ForecastTerms): (block: PairBlock) => Uint8Array[] {
  const asOf = terms.origins.present.day;
  const grounds = new Map(terms.grounds.map((ground) => [ground.storeId, ground]));
  const groundOf = (storeId: number) => grounds.get(storeId) ?? { storeId, firstDay: asOf, silent: new Set<number>() };
  return (block) =>
    Array.from(pairsOf(block), ({ history, horizonDays }) => {
      const { basis, series } = pairBasis(history, terms.origins, groundOf(history.storeId));
      const planning = pairPlanning(history, series, basis.level, horizonDays, asOf, terms.xyzCuts);
      return writeRecord({ basis, planning });
    });
}

function pairPlanning(
  history: PairHistory,
  series: DemandSeries,
  level: number,
  horizonDays: number,
  asOf: number,
  xyzCuts: readonly [number, number],
): PairPlanning {
  const { values } = series;
  const prefixes = horizonDays > 0 ? protectionPrefixes(values.length, horizonDays) : new Int32Array();
  const protection =
    horizonDays > 0
      ? protectionScores(values, horizonDays, prefixes, levelsAfter(values, prefixes).combined)
      : { scores: new Float64Array(), pools: new Uint8Array(), pool: 0, scale: 0 };
  const xyz = xyzClass(series, asOf, xyzCuts);
  return {
    everSold: series.firstSale !== undefined,
    knownDays: values.length,
    yearUnits: unitsSince(history, asOf - yearDays),
    xyz: xyz === undefined ? 3 : 'XYZ'.indexOf(xyz),
    lostUnits: lostSalesEstimate(series.censored, asOf, level),
    horizonDays,
    pool: protection.pool,
    scale: protection.scale,
    scores: Float32Array.from(protection.scores),
    pools: protection.pools,
  };
}

function unitsSince({ days, demand }: PairHistory, from: number): number {
  let units = 0;
  for (let at = days.length - 1; at >= 0 && (days[at] as number) >= from; at -= 1) {
    units += Math.max(0, demand[at] as number);
  }
  return units;
}
