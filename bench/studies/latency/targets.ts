import { setTimeout as sleep } from 'node:timers/promises';
import { countBatch } from '../../../jobs/followRound.ts';
import { takeLimits } from '../../../jobs/followRun.ts';
import { withLease } from '../../../jobs/lease.ts';
import type { Pipeline } from '../../../jobs/pipeline.ts';
import { handRunId } from '../../../lib/core/slots.ts';
import type { LiveBatch } from '../../../lib/kafka/liveBatch.ts';
import { openLiveReader } from '../../../lib/kafka/liveReader.ts';
import { ensureTopic } from '../../../lib/kafka/topics.ts';
import { openMirror } from '../../../lib/mongo/mirror.ts';
import { openRun, type Run } from '../../../lib/postgres/ledger.ts';
import { storedOffsets } from '../../../lib/postgres/offsets.ts';
import { openDatabase } from '../../../lib/postgres/pool.ts';
import type { CellPlan } from './cell.ts';
import { mongoStores } from './mongoStores.ts';
import { postgresStores, studySchema } from './postgresStores.ts';
import { type DatabaseName, type Store, timed } from './stores.ts';

/** A database and mode to measure; `clear` makes it empty before a cell, where that is its own table. */
export type Target = Omit<CellPlan, 'producers'> & Readonly<{ clear(): Promise<void> }>;

/** Opens a place for each database and mode, the product's whole path among them. */
export async function withTargets(
  pipeline: Pipeline,
  work: (targets: readonly Target[]) => Promise<void>,
): Promise<void> {
  const { urls, settings } = pipeline;
  const rawTopic = `tillcast.${settings.dataset}.raw`;
  const wholeTopic = await pipeline.topic();
  const rawReader = await placedReader(pipeline, rawTopic);
  const wholeReader = await placedReader(pipeline, wholeTopic);
  const db = openDatabase(urls.postgresUrl, settings.dataset, 'tillcast-bench', studySchema);
  const mirror = await openMirror(urls.mongodbUrl, settings.dataset);
  try {
    const raw = { topic: rawTopic, reader: rawReader };
    const postgres = await postgresStores(db);
    const mongo = mongoStores(mirror);
    const stored = ['single', 'batch', 'total'] as const;
    const storedIn = (database: DatabaseName, stores: Record<(typeof stored)[number], Store>) =>
      stored.map((mode) => ({ ...raw, database, mode, ...writing(stores[mode]) }));
    const knownMonths = new Set<string>();
    await withOpenRun(pipeline, (run) => {
      const whole = {
        ...({ database: 'PostgreSQL', topic: wholeTopic, reader: wholeReader, clear: nothing } as const),
        write: (batch: LiveBatch) => timed(() => countBatch(pipeline, run, wholeTopic, knownMonths, batch)),
      };
      return work([
        { ...raw, database: 'Kafka only', mode: 'read', clear: nothing, write: async () => 0 },
        ...storedIn('PostgreSQL', postgres),
        { ...whole, mode: 'whole' },
        { ...whole, mode: 'follow', limits: takeLimits },
        ...storedIn('MongoDB', mongo),
      ]);
    });
  } finally {
    await Promise.all([rawReader.close(), wholeReader.close(), db.close(), mirror.close()]);
  }
}

const nothing = async () => undefined;

const writing = ({ clear, write }: Store) => ({ clear, write: ({ events }: LiveBatch) => write(events) });

/** A reader that has all partitions, at the topic's beginning. */
async function placedReader(pipeline: Pipeline, topic: string) {
  await ensureTopic(pipeline.kafka, topic, pipeline.settings.partitions);
  const reader = await openLiveReader(pipeline.kafka, topic, `${topic}-reader`);
  while (reader.unplaced()) {
    await sleep(100);
    await reader.place(await storedOffsets(pipeline.db, topic));
  }
  return reader;
}

/** Holds a run of the ledger, as `follow` does, so that batches may count. */
async function withOpenRun(pipeline: Pipeline, work: (run: Run) => Promise<void>): Promise<void> {
  const opening = await openRun(pipeline.db, {
    ...{ runId: handRunId(new Date(), 'follow'), trigger: 'follow', slot: null, covers: [] },
  });
  if (!('opened' in opening)) throw new Error('the study has servers of its own: no other run can be open');
  await withLease(pipeline, opening.opened.run_id, work);
}
