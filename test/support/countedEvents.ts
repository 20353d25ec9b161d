import { createHash, randomUUID } from 'node:crypto';
import { changeTypesFrom } from '../../lib/core/changeTypes.ts';
import type { IdentifiedEvent } from '../../lib/core/types.ts';
import { applyRun } from '../../lib/postgres/apply.ts';
import { finishRun, openRun } from '../../lib/postgres/ledger.ts';
import { loadReference } from '../../lib/postgres/reference.ts';
import { startStep } from '../../lib/postgres/runSteps.ts';
import { countStaged, ensureMonths, openStaging } from '../../lib/postgres/staging.ts';
import type { TestDataset } from './dataset.ts';
import { withHeldRun } from './heldRun.ts';

/** Change types by their default ids, and store 0 as the online store, as if files had named them. */
export async function loadDefaultReference(dataset: TestDataset): Promise<void> {
  const reference = {
    items: [],
    stores: [],
    changeTypes: changeTypesFrom(new Map()).map((type) => ({ ...type, delivered: false })),
    onlineStoreId: 0,
    onlineBopisMovesStock: false,
  };
  await withHeldRun(dataset, (run) => loadReference(dataset.pipeline.db, run, reference));
}

/** `2025-11-03 10:00`, store, item, quantity, and the change type: sale 1, shrink 2, restock 3, bopis 4; none: a count. */
export type BriefEvent = readonly [time: string, storeId: number, itemId: number, quantity: number, type?: number];

/** An event whose id follows from its values, so that the same events are the same whenever they are made. */
export function eventOf(brief: BriefEvent): IdentifiedEvent {
  const [time, storeId, itemId, quantity, changeTypeId] = brief;
  const hash = createHash('md5').update(brief.join(' ')).digest('hex');
  const eventId = hash.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  const shared = { eventId, storeId, itemId, dateTime: `${time}:00`, quantity, employeeId: '', leadingZeros: false };
  return changeTypeId === undefined
    ? { ...shared, kind: 'count', changeTypeId: null, transId: null }
    : { ...shared, kind: 'change', changeTypeId, transId: hash.slice(0, 8) };
}

/** Counts events by a run of their own, without Kafka and files. */
export async function countEvents({ pipeline }: TestDataset, events: readonly BriefEvent[]): Promise<void> {
  const { db } = pipeline;
  const opening = await openRun(db, { runId: randomUUID(), trigger: 'hand', slot: null, covers: [] });
  if (!('opened' in opening)) throw new Error('another run is open');
  const run = opening.opened;
  const staging = await openStaging(db);
  await staging.write(events.map(eventOf));
  await staging.end();
  await ensureMonths(db, [...new Set(events.map(([time]) => time.slice(0, 7)))]);
  await applyRun(db, {
    runSeq: run.run_seq,
    holder: null,
    attempt: await startStep(db, run.run_seq, 'apply'),
    rows: { reading: staging.reading, stagedRows: await countStaged(db, [staging.reading]) },
    complete: true,
    topic: `topic of ${run.run_id}`,
    ranges: [{ partition: 0, from: 0n, to: BigInt(events.length), lastEventId: null }],
    timeZone: 'UTC',
  });
  await finishRun(db, run.run_id, 'succeeded', null);
}
