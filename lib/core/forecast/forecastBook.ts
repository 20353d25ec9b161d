import { type Band, BandPool } from './bandPool.ts';
import { monthDays } from './calendarDays.ts';
import { type Target, targets } from './models.ts';
import type { Origin, Origins } from './origins.ts';
import type { PairForecast } from './pairForecast.ts';
import { figuresOf, type SeriesFigures, SeriesSum } from './panel.ts';
import { type AccuracyRow, type OriginMonths, ScoreBoard } from './scoreBoard.ts';

export const levels = ['item_store', 'item', 'store', 'total'] as const;
export type Level = (typeof levels)[number];

/** Forecasts of the present of one series: its band for each target, undefined where nothing is known. */
export type Bands = Readonly<Record<Target, Band | undefined>>;

/** A sum's forecasts of the present. Ids are undefined where the level has none. */
export type SumForecast = Readonly<{
  level: Exclude<Level, 'item_store'>;
  storeId: number | undefined;
  itemId: number | undefined;
  figures: SeriesFigures;
  bands: Bands;
}>;

/**
 * The forecasts of all pairs together: bands do not add, so that every level is scored on its own. Two passes over the
 * same pairs in the order (item, store) keep memory flat: `learn` each, then `judge` each, then `end`.
 */
export class ForecastBook {
  private readonly confidence: number;
  private readonly all: readonly Origin[];
  private readonly months: OriginMonths;
  private readonly trendAhead: number;
  private readonly pools: Record<Pool, Record<Target, BandPool>>;
  private readonly boards: Record<Level, ScoreBoard>;
  private readonly stores = new Map<number, SeriesSum>();
  private readonly total: SeriesSum;
  private item: { itemId: number; sum: SeriesSum } | undefined;

  /** `confidence`: share of what comes that a band should hold (FORECAST_CONFIDENCE). */
  constructor(origins: Origins, confidence: number) {
    this.confidence = confidence;
    this.all = [...origins.past, origins.present];
    const monthOf = (day: number) => monthDays(day).index;
    this.months = {
      target: {
        current_month: this.all.map((origin) => monthOf(origin.current.from)),
        next_month: this.all.map((origin) => monthOf(origin.next.from)),
      },
      back: this.all.map((origin) => monthOf(origins.present.day) - monthOf(origin.day)),
    };
    this.trendAhead = origins.every === 'month' ? 1 : 0;
    this.pools = { pairs: this.newPools(), items: this.newPools(), sums: this.newPools() };
    const board = () => new ScoreBoard(confidence, this.months);
    this.boards = { item_store: board(), item: board(), store: board(), total: board() };
    this.total = new SeriesSum(this.all.length);
  }

  /** First pass. */
  learn(pair: PairForecast): void {
    const figures = figuresOf(pair);
    this.take('pairs', figures);
    this.total.add(figures);
    let store = this.stores.get(pair.storeId);
    if (store === undefined) {
      store = new SeriesSum(this.all.length);
      this.stores.set(pair.storeId, store);
    }
    store.add(figures);
    const ended = this.itemSum(pair.itemId, figures);
    if (ended !== undefined) this.take('items', ended.figures);
  }

  /** Between the passes. */
  endLearning(): void {
    const ended = this.endItem();
    if (ended !== undefined) this.take('items', ended.figures);
    for (const store of this.stores.values()) this.take('sums', this.figuresOf(store));
    this.take('sums', this.figuresOf(this.total));
  }

  /** Second pass: a pair's bands of the present, and the item that ended with the pair before, if one did. */
  judge(pair: PairForecast): { bands: Bands; item: SumForecast | undefined } {
    const figures = figuresOf(pair);
    const bands = this.score('item_store', 'pairs', figures);
    const ended = this.itemSum(pair.itemId, figures);
    return { bands, item: ended === undefined ? undefined : this.sumForecast('item', undefined, ended) };
  }

  /** After the second pass: the last item, the stores by id, and the total. */
  end(): SumForecast[] {
    const last = this.endItem();
    const stores = [...this.stores].sort(([a], [b]) => a - b);
    return [
      ...(last === undefined ? [] : [this.sumForecast('item', undefined, last)]),
      ...stores.map(([storeId, sum]) => this.sumForecast('store', storeId, { figures: this.figuresOf(sum) })),
      this.sumForecast('total', undefined, { figures: this.figuresOf(this.total) }),
    ];
  }

  /** What the second pass scored. */
  get accuracy(): (AccuracyRow & { level: Level })[] {
    return levels.flatMap((level) => this.boards[level].rows.map((row) => ({ level, ...row })));
  }

  private sumForecast(
    level: Exclude<Level, 'item_store'>,
    storeId: number | undefined,
    { itemId, figures }: { itemId?: number; figures: SeriesFigures },
  ): SumForecast {
    const bands = this.score(level, level === 'item' ? 'items' : 'sums', figures);
    return { level, storeId, itemId, figures, bands };
  }

  private score(level: Level, pool: Pool, figures: SeriesFigures): Bands {
    const present = this.all.length - 1;
    const [current, next] = targets.map((target) => {
      const bands = this.pools[pool][target].bands(figures);
      this.boards[level].add(figures, target, bands);
      return bands[present];
    });
    return { current_month: current, next_month: next };
  }

  private take(pool: Pool, figures: SeriesFigures): void {
    for (const target of targets) this.pools[pool][target].add(figures);
  }

  private itemSum(itemId: number, figures: SeriesFigures) {
    const ended = this.item?.itemId === itemId ? undefined : this.endItem();
    this.item ??= { itemId, sum: new SeriesSum(this.all.length) };
    this.item.sum.add(figures);
    return ended;
  }

  private endItem(): { itemId: number; figures: SeriesFigures } | undefined {
    const ended = this.item;
    this.item = undefined;
    return ended === undefined ? undefined : { itemId: ended.itemId, figures: this.figuresOf(ended.sum) };
  }

  private figuresOf(sum: SeriesSum): SeriesFigures {
    return sum.figures(this.months.back, this.trendAhead);
  }

  private newPools(): Record<Target, BandPool> {
    return {
      current_month: new BandPool('current_month', this.all, this.confidence),
      next_month: new BandPool('next_month', this.all, this.confidence),
    };
  }
}

type Pool = 'pairs' | 'items' | 'sums';
