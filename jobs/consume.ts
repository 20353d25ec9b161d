import { messageOf, TillcastError } from '../lib/core/errors.ts';
import { lagGroup } from '../lib/kafka/client.ts';
import { commitGroupOffsets } from '../lib/kafka/lagCommit.ts';
import { keepBatchMetric } from '../lib/postgres/batchMetrics.ts';
import { markHandedOn, stale } from '../lib/postgres/heldRun.ts';
import { findRun, finishRun, type Run, warnRun } from '../lib/postgres/ledger.ts';
import { storedOffsets } from '../lib/postgres/offsets.ts';
import { clearWarnings } from '../lib/postgres/runWarnings.ts';
import { type Counted, countRows } from './countRows.ts';
import { failPoint } from './failPoint.ts';
import { mirrorStep, warnMirrorBehind } from './mirrorStep.ts';
import type { Pipeline, Report } from './pipeline.ts';
import { publishStep } from './publishStep.ts';
import { runStep } from './runStep.ts';

/**
 * The consumer job: read → apply → mirror → publish → commit, each recorded in the ledger and safe to repeat; a retry
 * goes on from the first step not done. `signal` aborts when another process took the run.
 * @throws TillcastError of the step that failed
 */
export async function consume(pipeline: Pipeline, run: Run, signal: AbortSignal, report: Report): Promise<void> {
  await handOn(pipeline, run, await countRows(pipeline, run, signal, report), signal, report);
}

/** The second half: what counts in PostgreSQL goes to MongoDB and into the CSVs, and the run ends. */
export async function handOn(
  pipeline: Pipeline,
  run: Run,
  counted: Counted,
  signal: AbortSignal,
  report: Report,
): Promise<void> {
  const { db } = pipeline;
  await markHandedOn(db, run);
  const mirroredFrom = performance.now();
  await runStep(pipeline, run, 'mirror', report, async () => {
    await clearWarnings(db, run.run_id, 'mirror');
    return mirrorStep(pipeline, run, signal);
  }).catch(async (error: unknown) => {
    if (!(error instanceof TillcastError) || error.code !== 'ETL_MONGO_WRITE') throw error;
    await warnMirrorBehind(pipeline, run, error);
  });
  await keepMetric(pipeline, run, counted, performance.now() - mirroredFrom);
  report('mirrored', 75);

  await runStep(pipeline, run, 'publish', report, () => publishStep(pipeline, run, signal, report));
  report('published', 95);

  failPoint(pipeline.settings, 'before_group_commit');
  await runStep(pipeline, run, 'commit', report, async () => {
    await clearWarnings(db, run.run_id, 'commit');
    const topic = await pipeline.topic();
    const next = counted.read.ranges.length === 0 ? [] : await storedOffsets(db, topic);
    await commitGroupOffsets(pipeline.kafka, lagGroup(pipeline.settings.dataset), topic, next);
    return { partitions: next.length };
  }).catch((error: unknown) =>
    warnRun(db, run.run_id, `Kafka's group offsets (for lag tools only) stay behind: ${messageOf(error)}`),
  );

  const warnings = (await findRun(db, run.run_id))?.warnings ?? [];
  const status = warnings.length > 0 ? 'succeeded_with_warnings' : 'succeeded';
  const ended = await finishRun(db, run.run_id, status, warnings.length > 0 ? warnings.join('; ') : null, run.holder);
  if (!ended) throw stale(undefined);
  report(endedLine(run.run_id, status), 100);
}

/** What the process says that brings a run to its good end. */
export const endedLine = (runId: string, status: Run['status']) => `run ${runId} ${status}`;

async function keepMetric({ db }: Pipeline, run: Run, { read, postgresMs }: Counted, mongodbMs: number): Promise<void> {
  if (read.rows === 0 || postgresMs === null) return;
  await keepBatchMetric(db, run.run_seq, {
    rows: read.rows,
    meanSentAt: read.mean_sent_at === null ? null : new Date(read.mean_sent_at),
    startedAt: new Date(read.started_at),
    finishedAt: new Date(),
    kafkaWaitMs: read.kafka_wait_ms,
    parseMs: Math.max(0, read.read_ms - read.kafka_wait_ms),
    postgresMs,
    mongodbMs,
  });
}
