import { messageOf } from '../lib/core/errors.ts';
import { abandonedRun } from '../lib/postgres/abandoned.ts';
import { stepsOf } from '../lib/postgres/runSteps.ts';
import type { Pipeline } from './pipeline.ts';
import { consumeRun, failRun, produceRun } from './runs.ts';

const lookEveryMs = 3_000;
/** A step that failed so often is not tried again by itself. */
const maxAttempts = 5;

/** Looks for a run whose holder is dead, and goes on with it from the first step not done, without waiting for BullMQ. */
export function startAdopting(pipeline: Pipeline, say: (line: string) => void): { close(): Promise<void> } {
  let working: Promise<void> | undefined;
  const timer = setInterval(() => {
    working ??= adopt(pipeline, say)
      .catch((error: unknown) => say(`looking for abandoned runs failed: ${messageOf(error)}; tried again`))
      .finally(() => {
        working = undefined;
      });
  }, lookEveryMs);
  return {
    async close() {
      clearInterval(timer);
      await working;
    },
  };
}

async function adopt(pipeline: Pipeline, say: (line: string) => void): Promise<void> {
  const run = await abandonedRun(pipeline.db, pipeline.holder);
  if (run === undefined) return;
  say(`run ${run.run_id} was left by ${run.holder ?? 'its queue'}: taking it up`);
  try {
    await produceRun(pipeline, run.run_id, say);
    await consumeRun(pipeline, run.run_id, say);
  } catch (error) {
    const attempts = Math.max(0, ...(await stepsOf(pipeline.db, run.run_seq)).map((step) => step.attempt));
    if (attempts >= maxAttempts || (error as { retryable?: boolean }).retryable === false) {
      await failRun(pipeline, run.run_id, error);
    }
    say(`run ${run.run_id}: ${messageOf(error)}`);
  }
}
