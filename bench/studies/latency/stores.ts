import type { IdentifiedEvent } from '../../../lib/core/types.ts';

export const databases = ['Kafka only', 'PostgreSQL', 'MongoDB'] as const;
export type DatabaseName = (typeof databases)[number];

/**
 * What is made of a batch. single: each raw row is stored; batch: one delta per store and item of the batch; total: the
 * maintained total per store and item, upserted; whole: all that tillcast keeps; follow: the same, in the batches that
 * `npm run follow` takes; read: nothing is stored.
 */
export const modes = ['read', 'single', 'batch', 'total', 'whole', 'follow'] as const;
export type Mode = (typeof modes)[number];

/** A place that takes batches. `write` returns the ms of the writing alone, without the summing before it. */
export type Store = Readonly<{
  /** Empty again, so that every cell begins alike. */
  clear(): Promise<void>;
  write(events: readonly IdentifiedEvent[]): Promise<number>;
}>;

/** What the rows of one store and item of a batch come to. */
export type Delta = { readonly storeId: number; readonly itemId: number; quantity: number };

export function deltasOf(events: readonly IdentifiedEvent[]): Delta[] {
  const deltas = new Map<string, Delta>();
  for (const { storeId, itemId, quantity } of events) {
    const key = `${storeId}:${itemId}`;
    const delta = deltas.get(key);
    if (delta === undefined) deltas.set(key, { storeId, itemId, quantity });
    else delta.quantity += quantity;
  }
  return [...deltas.values()];
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}
