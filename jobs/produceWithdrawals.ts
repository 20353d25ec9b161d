import type { EventProducer } from '../lib/kafka/eventProducer.ts';
import type { Database } from '../lib/postgres/pool.ts';
import { pendingWithdrawals, type Withdrawal } from '../lib/postgres/withdrawals.ts';

/**
 * Sends the counter-events of lines that a person took back and no run has counted yet: the line's values with the
 * opposite quantity. They go the way of every row; sent twice, they count once. Returns how many.
 */
export async function produceWithdrawals(db: Database, producer: EventProducer, perSend: number): Promise<number> {
  const pending = await pendingWithdrawals(db);
  for (let at = 0; at < pending.length; at += perSend) {
    await producer.send(pending.slice(at, at + perSend).map(counterEvent));
  }
  return pending.length;
}

function counterEvent({ file, line, counterEventId, quantity, ...withdrawn }: Withdrawal) {
  const { storeId, itemId, dateTime, changeTypeId, transId } = withdrawn;
  const values = { storeId, itemId, dateTime, changeTypeId, transId, quantity: 0 - quantity };
  const event = { kind: 'change', ...values, employeeId: '', leadingZeros: false, eventId: counterEventId } as const;
  return { event, from: { file, line } };
}
