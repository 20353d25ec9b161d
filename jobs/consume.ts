import { messageOf, TillcastError } from '../lib/core/errors.ts';
import { lagGroup } from '../lib/kafka/client.ts';
import { commitGroupOffsets } from '../lib/kafka/lagCommit.ts';
import { applyRun } from '../lib/postgres/apply.ts';
import { keepBatchMetric } from '../lib/postgres/batchMetrics.ts';
import { findRun, finishRun, type Run, warnRun } from '../lib/postgres/ledger.ts';
import { storedOffsets } from '../lib/postgres/offsets.ts';
import { reopenStep, stepDone } from '../lib/postgres/runSteps.ts';
import { clearWarnings } from '../lib/postgres/runWarnings.ts';
import { countStaged } from '../lib/postgres/staging.ts';
import { failPoint } from './failPoint.ts';
import { mirrorStep, warnMirrorBehind } from './mirrorStep.ts';
import type { Pipeline, Report } from './pipeline.ts';
import { publishStep } from './publishStep.ts';
import { offsetRanges, type ReadDetail, readStep } from './readStep.ts';
import { runStep } from './runStep.ts';

/**
 * The consumer job: read → apply → mirror → publish → commit, each recorded in the ledger and safe to repeat; a retry
 * goes on from the first step not done. `signal` aborts when another process took the run.
 * @throws TillcastError of the step that failed
 */
export async function consume(pipeline: Pipeline, run: Run, signal: AbortSignal, report: Report): Promise<void> {
  const { db } = pipeline;
  const produced = await stepDone(db, run.run_seq, 'produce');
  if (produced === undefined) {
    throw new TillcastError(
      'ETL_RUN_DATA',
      `run ${run.run_id} has no producer result: its producer did not finish, so there is nothing to count; retry the ` +
        'producer job, or start a run by adding a job with {} to etl-run',
    );
  }

  const read = (await readAgainIfLost(pipeline, run, signal, report)) as ReadDetail;
  report('read', 30);
  const appliedBefore = (await stepDone(db, run.run_seq, 'apply')) !== undefined;
  const appliedFrom = performance.now();
  await runStep(pipeline, run, 'apply', report, async (attempt) => {
    signal.throwIfAborted();
    await applyRun(db, {
      runSeq: run.run_seq,
      holder: run.holder,
      attempt,
      reading: read.reading,
      stagedRows: read.rows,
      topic: pipeline.topic,
      ranges: offsetRanges(read),
      timeZone: pipeline.settings.timeZone,
      beforeCommit: () => failPoint(pipeline.settings, 'before_commit'),
      commitSent: () => failPoint(pipeline.settings, 'commit_sent'),
    });
    return undefined;
  });
  const postgresMs = performance.now() - appliedFrom;
  report('applied', 60);

  const mirroredFrom = performance.now();
  await runStep(pipeline, run, 'mirror', report, async () => {
    await clearWarnings(db, run.run_id, 'mirror');
    return mirrorStep(pipeline, signal);
  }).catch(async (error: unknown) => {
    if (!(error instanceof TillcastError) || error.code !== 'ETL_MONGO_WRITE') throw error;
    await warnMirrorBehind(pipeline, run, error);
  });
  if (read.rows > 0 && !appliedBefore) {
    await keepBatchMetric(db, run.run_seq, {
      rows: read.rows,
      meanSentAt: read.mean_sent_at === null ? null : new Date(read.mean_sent_at),
      startedAt: new Date(read.started_at),
      finishedAt: new Date(),
      kafkaWaitMs: read.kafka_wait_ms,
      parseMs: Math.max(0, read.read_ms - read.kafka_wait_ms),
      postgresMs,
      mongodbMs: performance.now() - mirroredFrom,
    });
  }
  report('mirrored', 75);

  await runStep(pipeline, run, 'publish', report, () => publishStep(pipeline, run, signal, report));
  report('published', 95);

  failPoint(pipeline.settings, 'before_group_commit');
  await runStep(pipeline, run, 'commit', report, async () => {
    await clearWarnings(db, run.run_id, 'commit');
    const next = read.ranges.length === 0 ? [] : await storedOffsets(db, pipeline.topic);
    await commitGroupOffsets(pipeline.kafka, lagGroup(pipeline.settings.dataset), pipeline.topic, next);
    return { partitions: next.length };
  }).catch((error: unknown) =>
    warnRun(db, run.run_id, `Kafka's group offsets (for lag tools only) stay behind: ${messageOf(error)}`),
  );

  const warnings = (await findRun(db, run.run_id))?.warnings ?? [];
  const status = warnings.length > 0 ? 'succeeded_with_warnings' : 'succeeded';
  const ended = await finishRun(db, run.run_id, status, warnings.length > 0 ? warnings.join('; ') : null, run.holder);
  if (!ended)
    throw new TillcastError('ETL_STALE', `run ${run.run_id} was taken over by another process: this one stops`);
  report(endedLine(run.run_id, status), 100);
}

/** What the process says that brings a run to its good end. */
export const endedLine = (runId: string, status: Run['status']) => `run ${runId} ${status}`;

/** A read that is recorded but whose staging PostgreSQL lost in a crash is read once more. */
async function readAgainIfLost(pipeline: Pipeline, run: Run, signal: AbortSignal, report: Report) {
  const { db } = pipeline;
  const done = (await stepDone(db, run.run_seq, 'read')) as ReadDetail | undefined;
  const applied = await stepDone(db, run.run_seq, 'apply');
  if (done !== undefined && applied === undefined) {
    const staged = await countStaged(db, done.reading);
    if (staged !== done.rows) {
      await reopenStep(
        db,
        run.run_seq,
        'read',
        `staging held ${staged} of ${done.rows} rows: PostgreSQL lost it in a crash`,
      );
    }
  }
  return runStep(pipeline, run, 'read', report, () => readStep(pipeline, run, signal));
}
