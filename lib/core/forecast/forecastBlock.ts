import { xyzClass } from '../planning/abcXyz.ts';
import { lostSalesEstimate } from '../planning/cover.ts';
import { protectionPrefixes, protectionScores } from '../planning/protectionScores.ts';
import type { DemandSeries, PairHistory, StoreHistory } from './history.ts';
import { levelsAfter } from './level.ts';
import type { Origins } from './origins.ts';
import { type PairBlock, pairsOf } from './pairBlock.ts';
import { pairForecast } from './pairForecast.ts';
import { type PairPlanning, writeRecord } from './pairRecord.ts';
import { dailyTotals } from './season.ts';
import { type StoreOutlook, storeOutlook } from './storeOutlook.ts';

/** What all pairs of one forecast share; plain data, so that threads can be given it. */
export type ForecastTerms = Readonly<{
  origins: Origins;
  /** First day of the data. */
  firstDay: number;
  stores: readonly StoreHistory[];
  silentDays: number;
  xyzCuts: readonly [number, number];
}>;

const yearDays = 365;

/** Makes the records of blocks of pairs under the same terms. Units of all stores are added up in their order. */
export function blockForecaster(terms: ForecastTerms): (block: PairBlock) => Uint8Array[] {
  const asOf = terms.origins.present.day;
  const units = new Float64Array(Math.max(0, asOf - terms.firstDay));
  for (const store of terms.stores) {
    store.days.forEach((day, at) => {
      units[day - terms.firstDay] = (units[day - terms.firstDay] as number) + (store.units[at] as number);
    });
  }
  const totals = dailyTotals(terms.firstDay, units);
  const outlooks = new Map<number, StoreOutlook>();
  const outlookOf = (storeId: number) => {
    let outlook = outlooks.get(storeId);
    if (outlook === undefined) {
      const store = terms.stores.find((one) => one.storeId === storeId) ?? emptyStore(storeId);
      outlook = storeOutlook(store, terms.origins, totals, terms.silentDays);
      outlooks.set(storeId, outlook);
    }
    return outlook;
  };
  return (block) =>
    Array.from(pairsOf(block), ({ history, horizonDays }) => {
      const { forecast, series } = pairForecast(history, terms.origins, outlookOf(history.storeId));
      const planning = pairPlanning(history, series, forecast.level, horizonDays, asOf, terms.xyzCuts);
      return writeRecord({ forecast, planning });
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

function emptyStore(storeId: number): StoreHistory {
  return { storeId, days: new Int32Array(), units: new Float64Array() };
}
