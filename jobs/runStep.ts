import { inspect } from 'node:util';
import type { FailPointName } from '../config/failPoints.ts';
import { messageOf, TillcastError } from '../lib/core/errors.ts';
import type { Run } from '../lib/postgres/ledger.ts';
import { failStep, finishStep, type StepDetail, type StepName, startStep, stepDone } from '../lib/postgres/runSteps.ts';
import { failPoint } from './failPoint.ts';
import type { Pipeline, Report } from './pipeline.ts';

const afterStep = {
  produce: 'after_produce',
  read: 'after_read',
  apply: 'after_commit',
  mirror: 'after_mirror',
  publish: 'after_publish',
  commit: 'after_group_commit',
} as const satisfies Record<StepName, FailPointName>;

/** The producer's detail of a run that reads no files. */
export const nothingProduced: StepDetail = { files: 0, rows_read: 0, rows_sent: 0 };

/**
 * Runs a step of a run once: a step that the ledger holds as done is passed over, an attempt that fails is recorded
 * with its reason. `work` may record the end itself (in its own transaction) by returning undefined.
 */
export async function runStep<D extends StepDetail>(
  pipeline: Pipeline,
  run: Run,
  step: StepName,
  report: Report,
  work: (attempt: number) => Promise<D | undefined>,
): Promise<StepDetail> {
  const done = await stepDone(pipeline.db, run.run_seq, step);
  if (done !== undefined) return done;
  const attempt = await startStep(pipeline.db, run.run_seq, step);
  const startedAt = performance.now();
  try {
    const detail = await work(attempt);
    if (detail !== undefined) await finishStep(pipeline.db, run, step, attempt, detail);
    failPoint(pipeline.settings, afterStep[step]);
    const recorded = detail ?? (await stepDone(pipeline.db, run.run_seq, step)) ?? {};
    report(`${step}: ${summary(recorded)} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
    return recorded;
  } catch (error) {
    await failStep(pipeline.db, run.run_seq, step, attempt, messageOf(error)).catch(() => undefined);
    // A stack only for what is a fault of ours; BullMQ would keep neither it nor the cause.
    const told = error instanceof TillcastError ? `${error.code}: ${error.message}` : inspect(error, { depth: 2 });
    report(pipeline.stopping?.aborted ? `${step} stopped` : `${step} failed at attempt ${attempt}: ${told}`);
    throw error;
  }
}

function summary(detail: StepDetail): string {
  return Object.entries(detail)
    .filter(([, value]) => typeof value === 'number' || typeof value === 'string')
    .map(
      ([key, value]) =>
        `${String(key).replaceAll('_', ' ')} ${typeof value === 'number' ? value.toLocaleString('en-US') : value}`,
    )
    .join(', ');
}
