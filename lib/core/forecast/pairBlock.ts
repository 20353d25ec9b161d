import type { PairHistory } from './history.ts';

/** Histories of many pairs in few arrays, so that they go to another thread without being copied piece by piece. */
export type PairBlock = Readonly<{
  storeIds: Float64Array;
  itemIds: Float64Array;
  /** Where each pair's days begin, and one more: where the last one's end. */
  starts: Uint32Array;
  days: Int32Array;
  demand: Float64Array;
  closing: Float64Array;
  /** Lead time + review period of each pair, days; 0 = not known. */
  horizonDays: Uint16Array;
}>;

/** The pairs of a block, as views of its arrays. */
export function* pairsOf(block: PairBlock): Generator<{ history: PairHistory; horizonDays: number }> {
  for (let at = 0; at < block.storeIds.length; at += 1) {
    const [from, until] = [block.starts[at] as number, block.starts[at + 1] as number];
    yield {
      history: {
        storeId: block.storeIds[at] as number,
        itemId: block.itemIds[at] as number,
        days: block.days.subarray(from, until),
        demand: block.demand.subarray(from, until),
        closing: block.closing.subarray(from, until),
      },
      horizonDays: block.horizonDays[at] as number,
    };
  }
}

/** Gathers rows in key order into blocks. `horizonOf`: what is known of a pair's ordering. */
export class PairBlockBuilder {
  private readonly horizonOf: (storeId: number, itemId: number) => number;
  private storeIds: number[] = [];
  private itemIds: number[] = [];
  private starts: number[] = [];
  private days: number[] = [];
  private demand: number[] = [];
  private closing: number[] = [];

  constructor(horizonOf: (storeId: number, itemId: number) => number) {
    this.horizonOf = horizonOf;
  }

  /** True where the row begins another pair. */
  isNewPair(storeId: number, itemId: number): boolean {
    const last = this.storeIds.length - 1;
    return this.storeIds[last] !== storeId || this.itemIds[last] !== itemId;
  }

  /** `closing`: NaN before the first count. */
  add(storeId: number, itemId: number, day: number, demand: number, closing: number): void {
    if (this.isNewPair(storeId, itemId)) {
      this.storeIds.push(storeId);
      this.itemIds.push(itemId);
      this.starts.push(this.days.length);
    }
    this.days.push(day);
    this.demand.push(demand);
    this.closing.push(closing);
  }

  get rows(): number {
    return this.days.length;
  }

  /** The block so far; the next one begins empty. */
  take(): PairBlock {
    const block = {
      storeIds: Float64Array.from(this.storeIds),
      itemIds: Float64Array.from(this.itemIds),
      starts: Uint32Array.from([...this.starts, this.days.length]),
      days: Int32Array.from(this.days),
      demand: Float64Array.from(this.demand),
      closing: Float64Array.from(this.closing),
      horizonDays: Uint16Array.from(this.storeIds, (storeId, at) =>
        this.horizonOf(storeId, this.itemIds[at] as number),
      ),
    };
    this.storeIds = [];
    this.itemIds = [];
    this.starts = [];
    this.days = [];
    this.demand = [];
    this.closing = [];
    return block;
  }
}
