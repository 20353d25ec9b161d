import { topicGap } from './topicGap.ts';
import type { PartitionOffsets } from './topics.ts';

/** Where PostgreSQL stands in a partition. */
export type ReadFrom = Readonly<{ partition: number; nextOffset: bigint; lastEventId: string | null }>;

/** One partition of one bounded read: `position` moves from `from` (or one before, to look again) to `until`. */
export type ReadPlan = {
  readonly partition: number;
  readonly from: bigint;
  readonly until: bigint;
  position: bigint;
  lastEventId: string | null;
};

/**
 * What to read of each partition, and where it must stop at once instead: offsets past retention, a topic shorter than
 * what was applied, partitions that vanished. What was read last is looked at again also where nothing new came: a topic
 * made anew may have come to the very same end.
 * @throws TillcastError ETL_KAFKA_GAP
 */
export function planRead(topic: string, from: readonly ReadFrom[], offsets: readonly PartitionOffsets[]): ReadPlan[] {
  const stored = new Map(from.map((at) => [at.partition, at]));
  for (const at of from) {
    if (!offsets.some((offset) => offset.partition === at.partition)) {
      throw topicGap(`${topic}/${at.partition}: the partition is gone, so the topic was made anew`);
    }
  }
  return offsets.map(({ partition, low, highWatermark }) => {
    const at = stored.get(partition);
    const next = at?.nextOffset ?? low;
    if (next < low) throw topicGap(`${topic}/${partition}: offsets ${next} to ${low} are past retention`);
    if (next > highWatermark) {
      throw topicGap(`${topic}/${partition}: it ends at ${highWatermark}, before ${next}: the topic was made anew`);
    }
    const lastEventId = at?.lastEventId ?? null;
    const lookAgain = lastEventId !== null && next - 1n >= low;
    return { partition, from: next, until: highWatermark, position: lookAgain ? next - 1n : next, lastEventId };
  });
}
