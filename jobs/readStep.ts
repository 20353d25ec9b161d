import type { PoisonMessage } from '../lib/kafka/batchEvents.ts';
import { readBounded } from '../lib/kafka/boundedRead.ts';
import { lagGroup } from '../lib/kafka/client.ts';
import type { Run } from '../lib/postgres/ledger.ts';
import { type OffsetRange, storedOffsets } from '../lib/postgres/offsets.ts';
import { keepFindings } from '../lib/postgres/quality.ts';
import { keepRejects } from '../lib/postgres/rejects.ts';
import { newestDetail } from '../lib/postgres/runSteps.ts';
import { failPoint } from './failPoint.ts';
import type { Pipeline } from './pipeline.ts';
import { type StagedLane, StagingLanes } from './stagingLanes.ts';

/** What the read step leaves in the ledger for apply. Offsets are decimal text, times ISO. */
export type ReadDetail = Readonly<{
  /** Where the rows are in staging; `strays`: some pair may lie in more than one of them. */
  lanes: readonly StagedLane[];
  strays: boolean;
  topic: string;
  partitions: number;
  rows: number;
  poison: number;
  mean_sent_at: string | null;
  started_at: string;
  kafka_wait_ms: number;
  read_ms: number;
  ranges: readonly { partition: number; from: string; to: string; last_event_id: string | null }[];
}>;

/** Step 1: every partition from the stored offset to the high watermark of now, into staging. */
export async function readStep(pipeline: Pipeline, run: Run, signal: AbortSignal): Promise<ReadDetail> {
  const startedAt = new Date();
  const from = performance.now();
  const topic = await pipeline.topic();
  const staging = new StagingLanes(pipeline.db, pipeline.settings.laneRows);
  let poison = 0;
  try {
    const result = await readBounded({
      kafka: pipeline.kafka,
      topic,
      group: lagGroup(pipeline.settings.dataset),
      from: await storedOffsets(pipeline.db, topic),
      signal,
      onPlan: (loads) => staging.open(loads),
      async onBatch(batch) {
        if (batch.events.length > 0) await staging.write(batch.partition, batch.events);
        failPoint(pipeline.settings, 'mid_read');
        if (batch.poison.length > 0) {
          poison += batch.poison.length;
          await keepRejects(
            pipeline.db,
            run.run_seq,
            batch.poison.map((message) => poisonReject(topic, message)),
          );
        }
      },
    });
    const lanes = await staging.end();
    await tellAddedPartitions(pipeline, run, topic, result.partitions);
    return {
      lanes,
      strays: staging.strays,
      topic,
      partitions: result.partitions,
      rows: result.rows,
      poison,
      mean_sent_at: result.meanSentAt?.toISOString() ?? null,
      started_at: startedAt.toISOString(),
      kafka_wait_ms: Math.round(result.waitMs),
      read_ms: Math.round(performance.now() - from),
      ranges: result.ranges.map((range) => ({
        partition: range.partition,
        from: range.from.toString(),
        to: range.to.toString(),
        last_event_id: range.lastEventId,
      })),
    };
  } catch (error) {
    staging.abort(error as Error);
    throw error;
  }
}

/** Keys move when a topic in use gets more partitions; identity is in the event, so that each still counts once. */
async function tellAddedPartitions({ db }: Pipeline, run: Run, topic: string, partitions: number): Promise<void> {
  const before = (await newestDetail(db, 'read')) as Partial<ReadDetail> | undefined;
  const added = before?.topic === topic ? partitions - (before.partitions ?? partitions) : 0;
  if (added <= 0) return;
  const detail = `the topic has ${partitions} partitions now: pairs moved to others, figures are the same as without`;
  await keepFindings(db, run.run_seq, [
    { rule: 'partitions_added', subject: topic, severity: 'info', count: added, detail },
  ]);
}

export function offsetRanges(detail: ReadDetail): OffsetRange[] {
  return detail.ranges.map((range) => ({
    partition: range.partition,
    from: BigInt(range.from),
    to: BigInt(range.to),
    lastEventId: range.last_event_id,
  }));
}

export function poisonReject(topic: string, message: PoisonMessage) {
  return {
    file: `kafka:${topic}/${message.partition}`,
    line: Number(message.offset),
    column: '',
    value: '',
    reason: `a message that tillcast did not write: ${message.reason}`,
    raw: message.raw,
    reading: 1,
  };
}
