import { eventId, rowFingerprint } from '../../../lib/core/eventIdentity.ts';
import type { EventRow } from '../../../lib/core/types.ts';
import type { OutgoingEvent } from '../../../lib/kafka/eventProducer.ts';
import { Random } from '../../../local/simulator/random.ts';

/** Which rows of which burst a producer sends. Bursts are numbered through all cells, so that no event comes twice. */
export type BurstShare = Readonly<{ topic: string; burst: number; producer: number; rows: number }>;

const stores = 5;
const items = 4_000;
/** So many sell mostly few: of 20,000 pairs 3,000 rows meet about 1,350, as in a year of real exports (1,270). */
const skew = 8;
const minutesPerDay = 1_440;

/** About 3,000 rows, from 2,400 to 3,600 in steps of 30, so that latency can be seen to follow them. */
export function rowsOfBurst(burst: number): number {
  return 3_000 + (((burst * 7) % 41) - 20) * 30;
}

/** The events of a share: sales and restocks of one minute, a later one for each burst. */
export function shareOf({ burst, producer, rows }: BurstShare): OutgoingEvent[] {
  const random = new Random(1, producer, burst);
  const day = new Date(Date.UTC(2024, 0, 1 + Math.floor(burst / minutesPerDay))).toISOString().slice(0, 10);
  const minute = burst % minutesPerDay;
  const two = (value: number) => String(value).padStart(2, '0');
  const dateTime = `${day} ${two(Math.floor(minute / 60))}:${two(minute % 60)}:00`;
  return Array.from({ length: rows }, (_, line) => {
    const sale = random.chance(0.95);
    const row: EventRow = {
      kind: 'change',
      storeId: 1 + random.below(stores),
      itemId: 1 + Math.floor(items * random.next() ** skew),
      dateTime,
      quantity: sale ? -1 - random.below(4) : 10 + random.below(40),
      changeTypeId: sale ? 1 : 3,
      transId: `${producer}-${burst}-${line}`,
      employeeId: '',
      leadingZeros: false,
    };
    const event = { ...row, eventId: eventId(row, rowFingerprint(row), 1) };
    return { event, from: { file: `inventory_change_${producer}.csv`, line: line + 2 } };
  });
}
