import type { IdentifiedEvent } from '../core/types.ts';
import type { PoisonMessage } from './batchEvents.ts';

/** What came since the last take, of the partitions of this reader. Offsets are `[from, to)`. */
export type LiveBatch = Readonly<{
  events: readonly IdentifiedEvent[];
  poison: readonly PoisonMessage[];
  ranges: readonly { partition: number; from: bigint; to: bigint; lastEventId: string | null }[];
  meanSentAt: Date | null;
  /** Some of its pairs have their home in another partition: the topic was given more since, or a foreign client sent. */
  strays: boolean;
  /** From when the reader was asked until the first row was there, and what decoding took. */
  waitMs: number;
  parseMs: number;
}>;

/** What one fetch brought of one partition. */
export type Chunk = Readonly<{
  partition: number;
  from: bigint;
  to: bigint;
  lastEventId: string | null;
  events: IdentifiedEvent[];
  poison: PoisonMessage[];
  sentMs: number;
  parseMs: number;
  strays: boolean;
}>;

/** Chunks in the order they came, as one batch. */
export function merged(chunks: readonly Chunk[], waitMs: number): LiveBatch {
  const ranges = new Map<number, { partition: number; from: bigint; to: bigint; lastEventId: string | null }>();
  for (const { partition, from, to, lastEventId } of chunks) {
    ranges.set(partition, { partition, from: ranges.get(partition)?.from ?? from, to, lastEventId });
  }
  const events = chunks.flatMap((chunk) => chunk.events);
  const sentMs = chunks.reduce((sum, chunk) => sum + chunk.sentMs, 0);
  return {
    events,
    poison: chunks.flatMap(({ poison }) => poison),
    ranges: [...ranges.values()].sort((a, b) => a.partition - b.partition),
    meanSentAt: events.length === 0 ? null : new Date(sentMs / events.length),
    strays: chunks.some(({ strays }) => strays),
    waitMs,
    parseMs: chunks.reduce((sum, chunk) => sum + chunk.parseMs, 0),
  };
}
