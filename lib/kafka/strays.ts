import type { IdentifiedEvent } from '../core/types.ts';
import { eventKey } from './eventMessage.ts';
import { keyPartition } from './keyPartition.ts';

/**
 * Whether some event came through another partition than its pair's home: the topic was given more partitions since, or
 * a foreign client sent it. Then readers of different partitions may hold rows of one pair.
 */
export function hasStrays(events: readonly IdentifiedEvent[], partition: number, partitions: number): boolean {
  return events.some((event) => keyPartition(eventKey(event), partitions) !== partition);
}
