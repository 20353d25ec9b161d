import { median } from 'simple-statistics';
import { TillcastError } from '../lib/core/errors.ts';
import type { LiveBatch } from '../lib/kafka/liveBatch.ts';
import type { LiveReader } from '../lib/kafka/liveReader.ts';
import { partitionOffsets } from '../lib/kafka/topics.ts';
import { dropOldMetrics } from '../lib/postgres/batchMetrics.ts';
import { assertHeld, isStale, leadRounds } from '../lib/postgres/heldRun.ts';
import type { Run } from '../lib/postgres/ledger.ts';
import { storedOffsets } from '../lib/postgres/offsets.ts';
import { finishStep, type StepDetail, type StepName, startStep } from '../lib/postgres/runSteps.ts';
import { handOn } from './consume.ts';
import type { FolderWatch } from './folderWatch.ts';
import { completeProduced, countBatch } from './followRound.ts';
import type { Pipeline, Report } from './pipeline.ts';
import { produce, roundCounts } from './produce.ts';
import type { ReadDetail } from './readStep.ts';

/** A batch is what came within a moment of its first row, and no more than memory likes. */
export const takeLimits = { maxRows: 15_000, maxWaitMs: 250, lingerMs: 15 } as const;
const stuckMs = 60_000;
const nothingRead = { files: 0, filesRefused: 0, rowsRead: 0, rowsRejected: 0 };

export type Follower = Readonly<{
  pipeline: Pipeline;
  topic: string;
  reader: LiveReader;
  watch: FolderWatch;
  report: Report;
  stop: AbortSignal;
}>;

/** Lets the reader go on from where PostgreSQL stands. */
export async function placeReader({ pipeline, topic, reader }: Follower): Promise<void> {
  await reader.place(await storedOffsets(pipeline.db, topic));
}

/** The rows that came, if any, after a rebalance from where PostgreSQL stands. */
export async function nextBatch(follower: Follower): Promise<LiveBatch | undefined> {
  if (follower.reader.unplaced()) await placeReader(follower);
  return follower.reader.take(takeLimits);
}

/**
 * One run with many rounds: reads the folder when it changes, counts what Kafka brings, and after `publishMs` hands on to
 * MongoDB and the CSVs. `first`: a batch that was taken already.
 */
export async function leadRun(
  follower: Follower,
  run: Run,
  lost: AbortSignal,
  publishMs: number,
  first: LiveBatch | undefined,
): Promise<void> {
  const { pipeline, topic, reader, watch, report, stop } = follower;
  const { db } = pipeline;
  const startedAt = new Date();
  const tally = { files: 0, files_refused: 0, rows_read: 0, rows_rejected: 0, rows_known: 0, rows_sent: 0 };
  const latencies: number[] = [];
  const ranges = new Map<number, ReadDetail['ranges'][number]>();
  let rows = 0;
  let poison = 0;

  const knownMonths = new Set<string>();

  const count = async (batch: LiveBatch) => {
    let latencyMs: number | null;
    try {
      latencyMs = await countBatch(pipeline, run, topic, knownMonths, batch);
    } catch (error) {
      if (!isStale(error)) throw error;
      // Another process had these partitions for a moment and was faster: reading goes on behind what it counted.
      await assertHeld(db, run);
      await placeReader(follower);
      return;
    }
    if (latencyMs !== null) latencies.push(latencyMs);
    rows += batch.events.length;
    poison += batch.poison.length;
    for (const { partition, from, to, lastEventId } of batch.ranges) {
      const since = ranges.get(partition)?.from ?? from.toString();
      ranges.set(partition, { partition, from: since, to: to.toString(), last_event_id: lastEventId });
    }
  };
  const takeAndCount = async () => {
    const batch = await nextBatch(follower);
    if (batch !== undefined) await count(batch);
    return batch !== undefined;
  };

  await leadRounds(db, run);
  if (first !== undefined) await count(first);
  const endAt = performance.now() + publishMs;
  do {
    lost.throwIfAborted();
    if (await watch.changed()) await produceRound();
    await takeAndCount();
  } while (!stop.aborted && performance.now() < endAt);

  const spread = latencies.length === 0 ? '' : `, latency ${(median(latencies) / 1000).toFixed(2)} s (median)`;
  report(`${rows.toLocaleString('en-US')} rows in ${latencies.length} batches${spread}`);
  const read = {
    ...{ topic, partitions: reader.partitions().length, rows, poison, batches: latencies.length },
    ...{ mean_sent_at: null, started_at: startedAt.toISOString(), kafka_wait_ms: 0, read_ms: 0 },
    // Nothing went through staging.
    ...{ lanes: [], strays: false },
    ranges: [...ranges.values()],
  };
  // Rows that another producer sent count as read, too.
  await completeProduced(pipeline, run, topic, nothingRead);
  await noteStep('produce', tally);
  await noteStep('read', read);
  await noteStep('apply', { rounds: latencies.length });
  await dropOldMetrics(db);
  await handOn(pipeline, run, { read, postgresMs: null }, lost, report);

  async function produceRound(): Promise<void> {
    const produced = await produce(pipeline, run, new Date(), lost, report);
    const until = await partitionOffsets(pipeline.kafka, topic);
    let movedAt = performance.now();
    // Other processes may hold some of the partitions: PostgreSQL says when all are in.
    while (!(await reached(until))) {
      lost.throwIfAborted();
      if (await takeAndCount()) movedAt = performance.now();
      if (performance.now() - movedAt > stuckMs) throw stuck(topic);
    }
    await completeProduced(pipeline, run, topic, roundCounts(produced));
    for (const [key, value] of Object.entries(produced)) tally[key as keyof typeof tally] += value;
  }

  async function reached(until: Awaited<ReturnType<typeof partitionOffsets>>): Promise<boolean> {
    const stored = new Map((await storedOffsets(db, topic)).map((at) => [at.partition, at.nextOffset]));
    return until.every(({ partition, low, highWatermark }) => (stored.get(partition) ?? low) >= highWatermark);
  }

  async function noteStep(step: StepName, detail: StepDetail): Promise<void> {
    await finishStep(db, run, step, await startStep(db, run.run_seq, step, startedAt), detail);
  }
}

const stuck = (topic: string) =>
  new TillcastError('ETL_KAFKA_READ', `rows of ${topic} have not come for ${stuckMs / 1000} s: following begins anew`, {
    retryable: true,
  });
