import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, TillcastError } from '../lib/core/errors.ts';
import { abandonedRun, holderLost, waitsForHolder } from '../lib/postgres/abandoned.ts';
import { openRunRow, type Run } from '../lib/postgres/ledger.ts';
import { type StepName, stepsOf } from '../lib/postgres/runSteps.ts';
import { jobAttempts } from '../lib/queue/queues.ts';
import { withLease } from './lease.ts';
import { patiently } from './patience.ts';
import type { Pipeline } from './pipeline.ts';
import { consumeRun, failRun, produceRun, wasTaken } from './runs.ts';

const lookEveryMs = 3_000;
const hangUpMs = 2_000;
/** So many attempts of one step that neither ended nor failed took their process along: the next would, too. */
const maxCrashes = 10;

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
  const { db } = pipeline;
  const lost = () => patiently(async () => (await holderLost(db)) || (await waitsForHolder(db)), patienceMs);
  await patiently(() => adopt(pipeline, say), patienceMs);
  let gone = await lost();
  // PostgreSQL takes a moment to notice that a killed process has hung up; until then its run looks alive.
  for (const giveUpAt = Date.now() + hangUpMs; !gone && Date.now() < giveUpAt; gone = await lost()) {
    if ((await patiently(() => openRunRow(db), patienceMs)) === undefined) return;
    await sleep(100);
  }
  if (!gone) return;
  say('a run was left open by a process that seems gone: waiting some seconds to be sure, then going on with it');
  while (await lost()) {
    await sleep(250);
    await patiently(() => adopt(pipeline, say), patienceMs);
  }
}

async function adopt(pipeline: Pipeline, say: (line: string) => void): Promise<void> {
  if (pipeline.stopping?.aborted) return;
  const run = await abandonedRun(pipeline.db);
  if (run === undefined) return;
  const crashed = await crashedStep(pipeline, run.run_seq);
  if (crashed !== undefined) {
    await failCrashed(pipeline, run, crashed, say);
    return;
  }
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

async function crashedStep({ db }: Pipeline, runSeq: number): Promise<StepName | undefined> {
  const open = (await stepsOf(db, runSeq)).filter(({ finished_at, error }) => finished_at === null && error === null);
  return open.find(({ step }) => open.filter((other) => other.step === step).length >= maxCrashes)?.step;
}

async function failCrashed(pipeline: Pipeline, run: Run, step: StepName, say: (line: string) => void): Promise<void> {
  const reason =
    `its step ${step} ended its process ${maxCrashes} times (killed, or out of memory?): see the log of the worker; ` +
    'nothing is lost, the next run begins where rows were last counted';
  say(`run ${run.run_id} is given up: ${reason}`);
  await withLease(pipeline, run.run_id, async () => undefined);
  await failRun(pipeline, run.run_id, new TillcastError('ETL_RUN_FAILED', reason));
}
