import type { KafkaMessage } from 'kafkajs';
import type { IdentifiedEvent } from '../core/types.ts';
import { decodeEvent, messageIdentity } from './eventMessage.ts';
import type { ReadPlan } from './readPlan.ts';
import { topicGap } from './topicGap.ts';

/** A message that is no event of ours: kept as a rejected row, never skipped in silence. */
export type PoisonMessage = Readonly<{ partition: number; offset: bigint; reason: string; raw: string }>;

/** What a batch of messages held; `sentMs` is the sum of the events' sent_time, in ms since 1970. */
export type BatchEvents = Readonly<{ events: IdentifiedEvent[]; poison: PoisonMessage[]; sentMs: number }>;

/**
 * The events of a batch that lie within the plan, whose `lastEventId` moves along. A message before `from` is only
 * looked at: it must be the last one that was applied.
 * @throws TillcastError ETL_KAFKA_GAP where another message stands there
 */
export function batchEvents(topic: string, plan: ReadPlan, messages: readonly KafkaMessage[]): BatchEvents {
  const events: IdentifiedEvent[] = [];
  const poison: PoisonMessage[] = [];
  let sentMs = 0;
  for (const message of messages) {
    const offset = BigInt(message.offset);
    if (offset < plan.position || offset >= plan.until) continue;
    const decoded = decodeEvent(message.value);
    const identity = messageIdentity(message.value, decoded);
    if (offset < plan.from) {
      if (identity === plan.lastEventId) continue;
      throw topicGap(
        `${topic}/${plan.partition} holds another event before offset ${plan.from} than the last one applied: the ` +
          'topic was made anew',
      );
    }
    plan.lastEventId = identity;
    if ('event' in decoded) {
      events.push(decoded.event);
      sentMs += instantOf(decoded.sentTime);
    } else {
      poison.push({ partition: plan.partition, offset, reason: decoded.reason, raw: decoded.raw });
    }
  }
  return { events, poison, sentMs };
}

let lastSent = { time: '', ms: 0 };

/** Events of one request bear one time. */
function instantOf(time: string): number {
  if (time !== lastSent.time) lastSent = { time, ms: Date.parse(time) || Date.now() };
  return lastSent.ms;
}
