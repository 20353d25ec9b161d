import type { IdentifiedEvent } from '../lib/core/types.ts';
import type { EventProducer } from '../lib/kafka/eventProducer.ts';
import { knownEventIds } from '../lib/postgres/knownEvents.ts';
import type { Database } from '../lib/postgres/pool.ts';
import { pendingWithdrawals, type Withdrawal } from '../lib/postgres/withdrawals.ts';

/**
 * Sends the counter-events of lines that a person took back and no run has counted yet: the line's values with the
 * opposite quantity. They go the way of every row; sent twice, they count once. One whose line is not counted waits,
 * but for a replay (`anyEvents` false), which brings the lines in the same run. Returns how many were sent.
 */
export async function produceWithdrawals(
  db: Database,
  producer: EventProducer,
  perSend: number,
  anyEvents: boolean,
): Promise<number> {
  const all = await pendingWithdrawals(db);
  const known = anyEvents ? await knownEventIds(db, all.map(withdrawnEvent)) : undefined;
  const pending = known === undefined ? all : all.filter(({ eventId }) => known.has(eventId));
  for (let at = 0; at < pending.length; at += perSend) {
    await producer.send(pending.slice(at, at + perSend).map(counterEvent));
  }
  return pending.length;
}

/** The event of the line itself. */
export function withdrawnEvent(line: Withdrawal): IdentifiedEvent {
  const { eventId, storeId, itemId, dateTime, quantity, changeTypeId, transId } = line;
  const values = { storeId, itemId, dateTime, quantity, changeTypeId, transId };
  return { kind: 'change', ...values, employeeId: '', leadingZeros: false, eventId };
}

function counterEvent(line: Withdrawal) {
  const event = { ...withdrawnEvent(line), eventId: line.counterEventId, quantity: 0 - line.quantity };
  return { event, from: { file: line.file, line: line.line } };
}
