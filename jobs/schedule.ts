import cron from 'node-cron';
import { newestSlot, nextSlot, slotRunId } from '../lib/core/slots.ts';
import { clockPaused } from '../lib/postgres/clockSwitch.ts';
import { findRun, lastGoodRun, newestRuns, type Run, runCovering } from '../lib/postgres/ledger.ts';
import { doorJobId, type Queues, removeOrphans } from '../lib/queue/queues.ts';
import { within } from './patience.ts';
import type { Pipeline } from './pipeline.ts';
import { goOnWith } from './retryRun.ts';

const redisPatienceMs = 60_000;

/** The clock of a dataset: asks the door for each slot. Asking twice is asking once (fixed job ids, ledger). */
export type Clock = Readonly<{ nextSlot(): Date; close(): Promise<void> }>;

/**
 * Starts the clock: node-cron in UTC on the schedule, once at start-up, and a sweep that repairs what a tick missed
 * (Redis away, process asleep). One run covers all slots that were missed, because input is cumulative.
 * `beforeSlot` is done before a slot is asked for (the demo's stores write their hour).
 */
export function startClock(
  pipeline: Pipeline,
  queues: Queues,
  say: (line: string) => void,
  beforeSlot: () => Promise<void> = async () => undefined,
): Clock {
  const { schedule, sweepMs } = pipeline.settings;
  const ask = (slot: Date, trigger: 'clock' | 'start-up' | 'sweep') =>
    beforeSlot()
      .then(() => answered(askForSlot(pipeline, queues, slot, trigger)))
      .then(
        (told) => {
          if (told !== undefined) say(told);
        },
        (error: Error) =>
          say(`the ${trigger} could not ask for ${slotRunId(slot)}: ${error.message}; the next sweep tries again`),
      );
  // A slot that is late because the process was asleep is still that slot, so its own date counts, not now.
  const task = cron.schedule(schedule, (context) => ask(toMinute(context.date), 'clock'), { timezone: 'UTC' });
  task.on('execution:missed', (context) => void ask(toMinute(context.date), 'clock'));
  const sweep = setInterval(() => void ask(newestSlot(schedule, new Date()), 'sweep'), sweepMs);
  void ask(newestSlot(schedule, new Date()), 'start-up');
  return {
    nextSlot: () => nextSlot(schedule, new Date()),
    async close() {
      clearInterval(sweep);
      await task.destroy();
    },
  };
}

/** Asks for the newest slot at once, as the next sweep would: a person let the clock go on. */
export async function askForNewestSlot(pipeline: Pipeline, queues: Queues): Promise<void> {
  const slot = newestSlot(pipeline.settings.schedule, new Date());
  await answered(askForSlot(pipeline, queues, slot, 'sweep'));
  // One that waited at the door meanwhile need not wait longer.
  const waiting = await within(redisPatienceMs, queues.door.getJob(doorJobId(slotRunId(slot))));
  if (waiting !== undefined && (await waiting.isDelayed())) await waiting.promote();
}

/** A Redis that is away answers nothing, for ever; what was asked is added when it is back, once. */
async function answered(asking: Promise<string | undefined>): Promise<string | undefined> {
  const told = await within(
    redisPatienceMs,
    asking.then((line) => ({ line })),
  );
  if (told === undefined) throw new Error(`no answer for ${redisPatienceMs / 1000} s: is Redis, or PostgreSQL, away?`);
  return told.line;
}

/** Asks for a slot's run unless the ledger holds it as done; says what a person should know. */
async function askForSlot(
  pipeline: Pipeline,
  queues: Queues,
  slot: Date,
  trigger: 'clock' | 'start-up' | 'sweep',
): Promise<string | undefined> {
  await sweepOrphans(pipeline, queues);
  if (await clockPaused(pipeline.db)) {
    return trigger === 'start-up' ? 'the clock is paused: no hour runs by itself until it is resumed' : undefined;
  }
  if ((await runCovering(pipeline.db, slot)) !== undefined) {
    return trigger === 'start-up' ? `the hour ${slotRunId(slot)} is done already` : undefined;
  }
  const runId = slotRunId(slot);
  const run = await findRun(pipeline.db, runId);
  if (trigger === 'start-up' && run?.status === 'failed') return goOnWithFailed(pipeline, queues, run);
  const known = await queues.door.getJob(doorJobId(runId));
  if (known !== undefined && (await known.isFailed())) {
    // It never began: the door's own data cannot be at fault, so whatever was away is asked again, without a person.
    await known.retry('failed', { resetAttemptsMade: true });
    return `the hour ${runId} could not begin (${known.failedReason}): asked for again`;
  }
  const [newest] = await newestRuns(pipeline.db, 1);
  if (trigger === 'sweep' && newest?.run_id === runId && newest.status === 'failed') {
    return `the hour ${runId} failed: ${newest.reason}; retry its job in the queue UI, or wait: the next hour covers it`;
  }
  await queues.door.add('run', { slot: slot.toISOString(), trigger }, { jobId: doorJobId(runId) });
  return undefined;
}

/** A restart is a person's wish that the hour be tried again: its failed job, or, where the queue was lost, the run. */
async function goOnWithFailed(pipeline: Pipeline, queues: Queues, run: Run): Promise<string> {
  return `the hour ${run.run_id} failed (${run.reason}): ${(await goOnWith(pipeline, queues, run)).because}`;
}

/** Consumers that wait for a producer that failed for good, once a later run made good what they had to do. */
async function sweepOrphans(pipeline: Pipeline, queues: Queues): Promise<void> {
  const good = await lastGoodRun(pipeline.db);
  if (good === undefined) return;
  const failed = (await newestRuns(pipeline.db, 200)).filter(
    (run) => run.status === 'failed' && run.run_seq < good.run_seq,
  );
  await removeOrphans(queues, new Set(failed.map((run) => run.run_id)));
}

function toMinute(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 60_000) * 60_000);
}
