import { quantileSorted } from 'simple-statistics';
import { dateOf } from '../../../lib/core/forecast/calendarDays.ts';
import { chainOutlook } from '../../../lib/core/forecast/chainOutlook.ts';
import { ForecastBook, type Level } from '../../../lib/core/forecast/forecastBook.ts';
import { originsOf } from '../../../lib/core/forecast/origins.ts';
import { pairBasis } from '../../../lib/core/forecast/pairBasis.ts';
import { type PairForecast, pairForecast } from '../../../lib/core/forecast/pairForecast.ts';
import type { AccuracyRow } from '../../../lib/core/forecast/scoreBoard.ts';
import { Random } from '../../../local/simulator/random.ts';
import type { DaySeries } from './daySeries.ts';

export type Backtest = Readonly<{
  asOf: string;
  every: 'month' | 'week';
  origins: number;
  rows: readonly (AccuracyRow & { level: Level })[];
  /** WAPE of the planning forecast minus the rival's, next month, level item_store: 90 % of 200 draws of pairs. */
  noise: readonly { rival: 'last_month' | 'mean_28d' | 'linear'; from: number; to: number }[];
}>;

const silentDays = 7;
const confidence = 0.9;
const draws = 200;
const drawSeed = 6;

/** Every origin of a data set as a run on day `asOf` would score it: the product's own code from daily demand on. */
export function backtest(data: DaySeries, asOf: number): Backtest {
  const until = <T extends { days: Int32Array }>(series: T, values: (count: number) => Partial<T>): T => {
    const after = series.days.findIndex((day) => day >= asOf);
    const count = after < 0 ? series.days.length : after;
    return { ...series, days: series.days.subarray(0, count), ...values(count) };
  };
  const origins = originsOf(asOf, data.firstDay);
  const stores = data.stores.map((store) => until(store, (count) => ({ units: store.units.subarray(0, count) })));
  const chain = chainOutlook(stores, origins, data.firstDay, silentDays);
  const grounds = new Map(chain.grounds.map((ground) => [ground.storeId, ground] as const));
  const forecasts = data.pairs
    .map((pair) =>
      until(pair, (count) => ({ demand: pair.demand.subarray(0, count), closing: pair.closing.subarray(0, count) })),
    )
    .filter(({ days }) => days.length > 0)
    .sort((a, b) => a.itemId - b.itemId || a.storeId - b.storeId)
    .map((pair) => {
      const ground = grounds.get(pair.storeId);
      if (ground === undefined) throw new RangeError(`store ${pair.storeId} has pairs and no days`);
      return pairForecast(pairBasis(pair, origins, ground).basis, origins, chain.outlookOf(pair.storeId));
    });
  const book = new ForecastBook(origins, confidence);
  for (const one of forecasts) book.learn(one);
  book.endLearning();
  for (const one of forecasts) book.judge(one);
  book.end();
  const rows = book.accuracy.filter(({ month }) => month === undefined);
  return { asOf: dateOf(asOf), every: origins.every, origins: origins.past.length, rows, noise: noiseOf(forecasts) };
}

/** Pairs drawn with replacement, as the errors of one pair's months hang together (bootstrap of clusters). */
function noiseOf(forecasts: readonly PairForecast[]): Backtest['noise'] {
  const rivals = [
    ['last_month', 'lastNext'],
    ['mean_28d', 'meanNext'],
    ['linear', 'linearNext'],
  ] as const;
  return rivals.map(([rival, name]) => {
    const ofPairs = forecasts.map((pair) => {
      const sum = { difference: 0, units: 0 };
      for (let at = 0; at < pair.actualNext.length - 1; at += 1) {
        const actual = pair.actualNext[at] as number;
        const [own, other] = [pair.planningNext[at] as number, pair[name][at] as number];
        if (Number.isNaN(actual + own + other)) continue;
        sum.difference += Math.abs(actual - own) - Math.abs(actual - other);
        sum.units += actual;
      }
      return sum;
    });
    const random = new Random(drawSeed, 0, 0);
    const differences = Array.from({ length: draws }, () => {
      let difference = 0;
      let units = 0;
      for (let n = 0; n < ofPairs.length; n += 1) {
        const pair = ofPairs[random.below(ofPairs.length)];
        difference += pair?.difference ?? 0;
        units += pair?.units ?? 0;
      }
      return units === 0 ? 0 : difference / units;
    }).sort((a, b) => a - b);
    return { rival, from: quantileSorted(differences, 0.05), to: quantileSorted(differences, 0.95) };
  });
}
