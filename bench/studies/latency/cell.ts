import { setTimeout as sleep } from 'node:timers/promises';
import { TillcastError } from '../../../lib/core/errors.ts';
import type { LiveBatch } from '../../../lib/kafka/liveBatch.ts';
import type { LiveReader } from '../../../lib/kafka/liveReader.ts';
import { rowsOfBurst } from './burst.ts';
import type { Producers } from './producers.ts';
import type { DatabaseName, Mode } from './stores.ts';

/**
 * One batch. ms from the mean sent_time of its rows to the end of its processing, which is the sum of its parts:
 * Kafka (sending, broker, fetching, waiting for more), decoding, summing, inserting.
 */
export type Batch = Readonly<{
  producers: number;
  database: DatabaseName;
  mode: Mode;
  rows: number;
  latencyMs: number;
  kafkaMs: number;
  parseMs: number;
  sumMs: number;
  insertMs: number;
}>;

export type CellPlan = Readonly<{
  producers: number;
  database: DatabaseName;
  mode: Mode;
  topic: string;
  reader: LiveReader;
  /** Other limits than those of a burst. */
  limits?: Parameters<LiveReader['take']>[0];
  /** Processes a batch; returns the ms of the insert alone. */
  write(batch: LiveBatch): Promise<number>;
}>;

/** `lateBursts`: those that had to wait for a later turn, as the batch before was not done. */
export type Cell = Readonly<{ batches: readonly Batch[]; lateBursts: number }>;

export type Pace = Readonly<{ bursts: number; warmUpBursts: number; burstEveryMs: number }>;

export type MeasuredCell = Cell & Readonly<{ producers: number; database: DatabaseName; mode: Mode }>;

/** All that a run of the study found. */
export type Result = Pace & Readonly<{ command: string; servers: readonly string[]; cells: readonly MeasuredCell[] }>;

/** A batch is a burst: taken when all of it is there, at the latest so long after its first row. */
export const lingerMs = 100;
const maxWaitMs = 250;
const stuckMs = 60_000;
let nextBurst = 0;

/** Burst after burst, each when the one before is processed and its turn has come; the first ones only warm up. */
export async function measuredCell(
  plan: CellPlan,
  producers: Producers,
  { bursts, warmUpBursts, burstEveryMs }: Pace,
  signal: AbortSignal,
): Promise<Cell> {
  const batches: Batch[] = [];
  let lateBursts = 0;
  let turnAt = performance.now() + burstEveryMs;
  for (let n = 0; n < warmUpBursts + bursts; n++) {
    const rows = rowsOfBurst(n);
    await producers.prepare(plan.producers, { topic: plan.topic, burst: nextBurst, rows });
    nextBurst++;
    if (performance.now() > turnAt) lateBursts++;
    while (performance.now() > turnAt) turnAt += burstEveryMs;
    await sleep(turnAt - performance.now(), undefined, { signal });
    turnAt += burstEveryMs;
    producers.go();
    const processed = await processBurst(plan, rows);
    if (n >= warmUpBursts) batches.push(...processed);
  }
  return { batches, lateBursts };
}

async function processBurst(plan: CellPlan, rows: number): Promise<Batch[]> {
  const { producers, database, mode, topic, reader, limits, write } = plan;
  const batches: Batch[] = [];
  const sentAt = performance.now();
  for (let left = rows; left > 0; ) {
    const batch = await reader.take(limits ?? { maxRows: left, maxWaitMs, lingerMs });
    if (batch === undefined || batch.meanSentAt === null) {
      if (performance.now() - sentAt < stuckMs) continue;
      throw new TillcastError('ETL_KAFKA_READ', `${left} rows of a burst into ${topic} have not come for a minute`);
    }
    // The producers' clock, which a process's own monotonic one drifts away from.
    const ageMs = Date.now() - batch.meanSentAt.getTime();
    const from = performance.now();
    const insertMs = await write(batch);
    const processMs = performance.now() - from;
    batches.push({
      ...{ producers, database, mode, rows: batch.events.length, latencyMs: ageMs + processMs },
      kafkaMs: ageMs - batch.parseMs,
      parseMs: batch.parseMs,
      sumMs: processMs - insertMs,
      insertMs,
    });
    left -= batch.events.length;
  }
  return batches;
}
