import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../lib/core/errors.ts';
import { abandonedRun, holderLost } from '../lib/postgres/abandoned.ts';
import { stepsOf } from '../lib/postgres/runSteps.ts';
import { jobAttempts } from '../lib/queue/queues.ts';
import { patiently } from './patience.ts';
import type { Pipeline } from './pipeline.ts';
import { consumeRun, failRun, produceRun, wasTaken } from './runs.ts';

const lookEveryMs = 3_000;

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

/**
 * Takes up a run that a killed process left, before another is begun: waits the moments until its holder is known to be
 * gone. Leaves at once a run that a living process works on. PostgreSQL may be away for `patienceMs`.
 */
export async function adoptLeftRun(pipeline: Pipeline, say: (line: string) => void, patienceMs: number): Promise<void> {
  const lost = () => patiently(() => holderLost(pipeline.db), patienceMs);
  await patiently(() => adopt(pipeline, say), patienceMs);
  if (!(await lost())) return;
  say('a run was left open by a process that is gone: waiting some seconds to be sure, then going on with it');
  while (await lost()) {
    await sleep(250);
    await patiently(() => adopt(pipeline, say), patienceMs);
  }
}

async function adopt(pipeline: Pipeline, say: (line: string) => void): Promise<void> {
  const run = await abandonedRun(pipeline.db);
  if (run === undefined) return;
  say(`run ${run.run_id} was left by ${run.holder ?? 'its queue'}: taking it up`);
  try {
    await produceRun(pipeline, run.run_id, say);
    await consumeRun(pipeline, run.run_id, say);
  } catch (error) {
    say(`run ${run.run_id}: ${messageOf(error)}`);
    if (wasTaken(error)) return;
    const attempts = Math.max(0, ...(await stepsOf(pipeline.db, run.run_seq)).map((step) => step.attempt));
    // As often as the queue would: a step that failed so often is not tried again by itself.
    if (attempts >= jobAttempts || (error as { retryable?: boolean }).retryable === false) {
      await failRun(pipeline, run.run_id, error);
    }
  }
}
