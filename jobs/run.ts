import { handRunId, slotRunId, slotsBetween } from '../lib/core/slots.ts';
import { clockPaused } from '../lib/postgres/clockSwitch.ts';
import { findRun, lastGoodRun, openRun, type Run, type RunTrigger, runCovering } from '../lib/postgres/ledger.ts';
import { keepLogLine, pruneRunLog } from '../lib/postgres/runLog.ts';
import { parseEtlRunData } from '../lib/queue/jobData.ts';
import { addRunFlow, type Queues } from '../lib/queue/queues.ts';
import type { TryLater } from '../lib/queue/workers.ts';
import type { Pipeline, Report } from './pipeline.ts';

/** What became of a request: a run that began, or the sentence that says why none did. */
export type DoorResult = Readonly<{ run_id: string; outcome: 'started' | 'left'; because: string }>;

/** More missed slots than this are not listed one by one. */
const maxCovered = 1_000;
const waitForOpenRunMs = 10_000;
/** Letting the clock go on does not wait for it: it promotes the job. */
const waitForClockMs = 60_000;

/**
 * The door: checks the data, opens a row in the ledger, adds the flow. One run at a time in a dataset: the clock waits
 * for the open run, a person is told which one is under way.
 * @throws TillcastError ETL_RUN_DATA with a sentence for the person
 */
export async function startRun(
  pipeline: Pipeline,
  queues: Queues,
  data: unknown,
  now: Date,
  report: Report,
): Promise<DoorResult | TryLater> {
  const { slot: slotText, trigger = 'hand' } = parseEtlRunData(data);
  const slot = slotText === undefined ? null : new Date(slotText);
  const runId = slot === null ? handRunId(now, trigger === 'once' ? 'once' : 'hand') : slotRunId(slot);
  const done = slot === null ? undefined : await runCovering(pipeline.db, slot);
  if (done !== undefined) return left(runId, `the hour ${slotText} is done: run ${done.run_id} ${done.status}`);

  // It was asked for before the clock was paused, and has waited here for another run since.
  if (slot !== null && (await clockPaused(pipeline.db)) && (await findRun(pipeline.db, runId)) === undefined) {
    return { tryLaterInMs: waitForClockMs, because: 'the clock is paused: waiting until it goes on' };
  }

  const covers = await coveredSlots(pipeline, slot, now);
  const opening = await openRun(pipeline.db, { runId, trigger: trigger satisfies RunTrigger, slot, covers });
  if ('occupied' in opening) {
    const sentence = `run ${opening.occupied.run_id} is under way since ${opening.occupied.opened_at.toISOString()}`;
    return slot === null
      ? left(runId, `${sentence}: nothing was started; add a job again when it is done`)
      : { tryLaterInMs: waitForOpenRunMs, because: `${sentence}: waiting for it` };
  }
  if ('known' in opening && slot === null) {
    return {
      tryLaterInMs: 1_001 - now.getMilliseconds(),
      because: 'another run began in this very second: waiting for the next',
    };
  }
  const run: Run = 'opened' in opening ? opening.opened : opening.known;
  if (run.finished_at !== null && slot === null) {
    // The id of a hand run is to the second, and that second had its run.
    return {
      tryLaterInMs: 1_001 - now.getMilliseconds(),
      because: `run ${runId} ${run.status} in this very second: the next begins in the next`,
    };
  }
  if (run.finished_at !== null) {
    return left(
      runId,
      `run ${runId} ${run.status} already${run.status === 'failed' ? ': retry its failed job to go on' : ''}`,
    );
  }
  await addRunFlow(queues, runId);
  const because =
    covers.length > 1 ? `catches up ${covers.length} slots, the oldest ${covers[0]?.toISOString()}` : `${trigger} run`;
  await keepLogLine(pipeline.db, runId, `opened: ${because}`).catch(() => undefined);
  await pruneRunLog(pipeline.db).catch(() => undefined);
  report(`run ${runId} opened: ${because}`);
  return { run_id: runId, outcome: 'started', because };

  function left(id: string, because: string): DoorResult {
    report(because);
    return { run_id: id, outcome: 'left', because };
  }
}

/** The slots that this run makes good: all since the last good run, and its own. */
export async function coveredSlots(pipeline: Pipeline, slot: Date | null, now: Date): Promise<Date[]> {
  const last = await lastGoodRun(pipeline.db);
  if (last === undefined) return slot === null ? [] : [slot];
  const since = last.slot !== null && last.slot > last.opened_at ? last.slot : last.opened_at;
  return slotsBetween(pipeline.settings.schedule, since, slot ?? now, maxCovered);
}
