import { dateOf, monthDays } from '../../../lib/core/forecast/calendarDays.ts';
import { demandClasses, demandClassOf } from '../../../lib/core/forecast/demandClass.ts';
import type { PlanningValues } from '../../../lib/core/planning/planningValues.ts';
import { protectionPrefixes, protectionScores } from '../../../lib/core/planning/protectionScores.ts';
import { type OrderFigures, orderFigures } from '../../../lib/core/planning/reorder.ts';
import { ScorePools } from '../../../lib/core/planning/serviceQuantile.ts';
import type { DaySeries } from './daySeries.ts';
import { type Policy, policies, type StockRecord, stockRecord } from './orderPolicy.ts';
import { type ReviewedPair, reviewedPairs } from './reviewedPairs.ts';

/** How often what was stocked lasted over lead time + review period. Shares are of 1. */
export type IntervalService = Readonly<{
  intervals: number;
  achieved: number;
  fillRate: number;
  stockByDemand: number;
}>;

export type ServiceRow = Readonly<{
  method: 'conformal' | 'textbook';
  asked: number;
  all: IntervalService;
  /** By month of the review, `yyyy-MM`, and by demand class at it. */
  parts: Readonly<Record<string, IntervalService>>;
}>;

export type SafetyStockResult = Readonly<{
  reviews: number;
  heldOut: Readonly<{ from: string; until: string }>;
  horizonDays: number;
  rows: readonly ServiceRow[];
  /** Stock moved forward day by day under each policy, by service level asked. */
  policies: readonly (StockRecord & Readonly<{ asked: number; policy: Policy }>)[];
}>;

/** Standard normal quantiles. */
const askedLevels = [
  { asked: 0.95, z: 1.6449 },
  { asked: 0.98, z: 2.0537 },
] as const;
const leastKnownDays = 14;
const textbookDays = 91;

/**
 * Safety stock tried forward on held-out months, the second half of the data: at a review every `reviewPeriodDays` all
 * is made as a run would make it, from intervals that were over by then, and set against the days that followed.
 * Beside it the textbook's z·sd·√h on the same forecast (King, APICS 2011), sd of the newest 91 days.
 */
export function safetyStock(
  data: DaySeries,
  { leadTimeDays, reviewPeriodDays }: Readonly<{ leadTimeDays: number; reviewPeriodDays: number }>,
): SafetyStockResult {
  const horizonDays = leadTimeDays + reviewPeriodDays;
  const from = monthDays(Math.ceil((data.firstDay + data.until) / 2), 1).from;
  const reviewDays: number[] = [];
  for (let day = from; day + horizonDays <= data.until; day += reviewPeriodDays) reviewDays.push(day);
  const pairs = reviewedPairs(data, reviewDays, horizonDays);
  const tallies = new Map<string, ServiceTally>();
  const figures = askedLevels.map(() => reviewDays.map((): (OrderFigures | undefined)[] => []));
  for (const [review, day] of reviewDays.entries()) {
    const made = pairs.map((pair) => scoresAt(pair, review, horizonDays));
    const pools = new ScorePools();
    for (const scores of made) if (scores !== undefined) pools.add(horizonDays, scores);
    for (const [at, pair] of pairs.entries()) {
      const scores = made[at];
      if (scores === undefined) continue;
      const count = pair.known[review] as number;
      const level = pair.levels[count] as number;
      const sold = soldAfter(pair, count, horizonDays);
      const parts = ['', dateOf(day).slice(0, 7), classAt(pair, count)];
      const sd = deviation(pair.series.values.subarray(Math.max(0, count - textbookDays), count));
      for (const [k, { asked, z }] of askedLevels.entries()) {
        const values: PlanningValues = { leadTimeDays, reviewPeriodDays, serviceLevel: asked, packSize: 1 };
        const quantile = pools.serviceQuantile(asked, horizonDays, scores.pool);
        const order = orderFigures(values, level, quantile, scores.scale);
        (figures[k]?.[review] as (OrderFigures | undefined)[])[at] = order;
        if (sold === undefined || order === undefined) continue;
        const textbook = level * horizonDays + z * sd * Math.sqrt(horizonDays);
        for (const part of parts) {
          tallyOf(tallies, 'conformal', asked, part).add(order.orderUpTo, sold);
          tallyOf(tallies, 'textbook', asked, part).add(textbook, sold);
        }
      }
    }
  }
  return {
    reviews: reviewDays.length,
    heldOut: { from: dateOf(from), until: dateOf(data.until) },
    horizonDays,
    rows: rowsOf(tallies),
    policies: askedLevels.flatMap(({ asked }, k) =>
      policies.map((policy) => {
        const orders = figures[k] as (OrderFigures | undefined)[][];
        return { asked, policy, ...stockRecord(policy, pairs, reviewDays, orders, { leadTimeDays, reviewPeriodDays }) };
      }),
    ),
  };
}

function scoresAt({ series, known, levels }: ReviewedPair, review: number, horizonDays: number) {
  const count = known[review] as number;
  if (count < leastKnownDays) return undefined;
  const prefixes = protectionPrefixes(count, horizonDays);
  const levelsThen = Float64Array.from(prefixes, (prefix) => levels[prefix] as number);
  return protectionScores(series.values.subarray(0, count), horizonDays, prefixes, levelsThen);
}

/** Units of the next known days; undefined where the data end before. */
function soldAfter({ series }: ReviewedPair, count: number, days: number): number | undefined {
  if (count + days > series.values.length) return undefined;
  return series.values.subarray(count, count + days).reduce((sum, units) => sum + units, 0);
}

function classAt({ series }: ReviewedPair, count: number): string {
  const sizes = series.values.subarray(0, count).filter((units) => units > 0);
  const sum = sizes.reduce((total, units) => total + units, 0);
  const squares = sizes.reduce((total, units) => total + units * units, 0);
  return demandClasses[demandClassOf(count, sizes.length, sum, squares)] as string;
}

function deviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

class ServiceTally {
  private intervals = 0;
  private lasted = 0;
  private stock = 0;
  private demand = 0;
  private served = 0;

  add(stock: number, sold: number): void {
    this.intervals += 1;
    if (sold <= stock) this.lasted += 1;
    this.stock += stock;
    this.demand += sold;
    this.served += Math.min(stock, sold);
  }

  get service(): IntervalService {
    const { intervals, lasted, stock, demand, served } = this;
    return { intervals, achieved: lasted / intervals, fillRate: served / demand, stockByDemand: stock / demand };
  }
}

function tallyOf(tallies: Map<string, ServiceTally>, method: string, asked: number, part: string): ServiceTally {
  const key = `${method} ${asked} ${part}`;
  const known = tallies.get(key) ?? new ServiceTally();
  tallies.set(key, known);
  return known;
}

function rowsOf(tallies: ReadonlyMap<string, ServiceTally>): ServiceRow[] {
  const rows: ServiceRow[] = [];
  for (const { asked } of askedLevels) {
    for (const method of ['conformal', 'textbook'] as const) {
      const all = tallies.get(`${method} ${asked} `)?.service;
      if (all === undefined) continue;
      const prefix = `${method} ${asked} `;
      const parts = [...tallies].filter(([key]) => key.startsWith(prefix) && key !== prefix).sort();
      const byPart = Object.fromEntries(parts.map(([key, tally]) => [key.slice(prefix.length), tally.service]));
      rows.push({ method, asked, all, parts: byPart });
    }
  }
  return rows;
}
