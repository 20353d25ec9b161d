import type { LiveBatch } from '../lib/kafka/liveBatch.ts';
import { applyRun, type RoundCounts } from '../lib/postgres/apply.ts';
import { keepBatchMetric } from '../lib/postgres/batchMetrics.ts';
import type { HeldRun } from '../lib/postgres/heldRun.ts';
import { keepRejects } from '../lib/postgres/rejects.ts';
import { ensureMonths } from '../lib/postgres/staging.ts';
import { failPoint } from './failPoint.ts';
import type { Pipeline } from './pipeline.ts';
import { poisonReject } from './readStep.ts';

/**
 * One round: what a live reader brought counts in one transaction, by the very step that the hour applies, and is measured.
 * `knownMonths`: months that have their place already, and after this those of the batch too.
 * @returns ms from the rows' mean sent_time to the end, null without rows
 * @throws TillcastError ETL_STALE where another process counted them or the run was handed on: place the reader anew
 */
export async function countBatch(
  pipeline: Pipeline,
  run: HeldRun,
  topic: string,
  knownMonths: Set<string>,
  batch: LiveBatch,
): Promise<number | null> {
  const { db, settings } = pipeline;
  const startedAt = new Date();
  const from = performance.now();
  const months = [...new Set(batch.events.map(({ dateTime }) => dateTime.slice(0, 7)))];
  const newMonths = months.filter((month) => !knownMonths.has(month));
  if (newMonths.length > 0) await ensureMonths(db, newMonths);
  for (const month of newMonths) knownMonths.add(month);
  if (batch.poison.length > 0) {
    await keepRejects(
      db,
      run.run_seq,
      batch.poison.map((message) => poisonReject(topic, message)),
    );
  }
  await applyRun(db, {
    ...roundOf(pipeline, run, topic),
    rows: { events: batch.events },
    complete: false,
    alone: batch.strays,
    ranges: batch.ranges,
    beforeCommit: () => failPoint(settings, 'before_commit'),
    commitSent: () => failPoint(settings, 'commit_sent'),
  });
  const finishedAt = new Date();
  failPoint(settings, 'after_commit');
  if (batch.meanSentAt === null) return null;
  await keepBatchMetric(db, run.run_seq, {
    rows: batch.events.length,
    meanSentAt: batch.meanSentAt,
    startedAt,
    finishedAt,
    kafkaWaitMs: batch.waitMs,
    parseMs: batch.parseMs,
    postgresMs: performance.now() - from,
    // Set at the next publish, for many batches at once.
    mongodbMs: null,
  });
  return finishedAt.getTime() - batch.meanSentAt.getTime();
}

/** All rows are in that the producer sent: file watermarks and rejects become final, and what it read is counted. */
export async function completeProduced(
  pipeline: Pipeline,
  run: HeldRun,
  topic: string,
  produced: RoundCounts,
): Promise<void> {
  await applyRun(pipeline.db, {
    ...roundOf(pipeline, run, topic),
    rows: { events: [] },
    complete: true,
    produced,
    ranges: [],
  });
}

const roundOf = ({ settings }: Pipeline, run: HeldRun, topic: string) => ({
  runSeq: run.run_seq,
  holder: run.holder,
  attempt: null,
  topic,
  timeZone: settings.timeZone,
});
