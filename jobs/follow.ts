import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, TillcastError } from '../lib/core/errors.ts';
import { handRunId } from '../lib/core/slots.ts';
import { followGroup } from '../lib/kafka/client.ts';
import type { LiveBatch } from '../lib/kafka/liveBatch.ts';
import { openLiveReader } from '../lib/kafka/liveReader.ts';
import { isStale } from '../lib/postgres/heldRun.ts';
import { openRun, openRunRow, type Run } from '../lib/postgres/ledger.ts';
import { adoptLeftRun, startAdopting } from './adopt.ts';
import { type FolderWatch, watchFolder } from './folderWatch.ts';
import { countBatch } from './followRound.ts';
import { type Follower, leadRun, nextBatch, placeReader } from './followRun.ts';
import { withLease } from './lease.ts';
import type { Pipeline, Report } from './pipeline.ts';
import { readyTopic } from './readyTopic.ts';
import { coveredSlots } from './run.ts';
import { wasTaken } from './runs.ts';

const adoptPatienceMs = 60_000;
const othersEveryMs = 50;
const longestPauseMs = 15_000;

/**
 * The pipeline without the hour: goes on until `stop`. Several of these processes share the topic's partitions: the one
 * that opens a run leads it (files, MongoDB, CSVs), the others count their partitions' rows for it. What is away is
 * waited for, with longer and longer pauses.
 * @throws TillcastError what another try cannot mend, like ETL_KAFKA_GAP
 */
export async function follow(pipeline: Pipeline, report: Report, stop: AbortSignal): Promise<void> {
  const watch = watchFolder(pipeline.inputDir, pipeline.settings.settleMs);
  // What a killed process leads is finished by those that shared the partitions with it.
  const adopting = startAdopting(pipeline, report);
  try {
    await followUntilStopped(pipeline, watch, report, stop);
  } finally {
    await adopting.close();
  }
}

async function followUntilStopped(
  pipeline: Pipeline,
  watch: FolderWatch,
  report: Report,
  stop: AbortSignal,
): Promise<void> {
  let pauseMs = 500;
  while (!stop.aborted) {
    try {
      await adoptLeftRun(pipeline, report, adoptPatienceMs);
      const topic = await readyTopic(pipeline);
      const reader = await openLiveReader(pipeline.kafka, topic, followGroup(pipeline.settings.dataset));
      try {
        await followWith({ pipeline, topic, reader, watch, report, stop }, () => {
          pauseMs = 500;
        });
      } finally {
        await reader.close();
      }
    } catch (error) {
      if (!(error instanceof TillcastError) || !(error.retryable || wasTaken(error))) throw error;
      pauseMs = Math.min(2 * pauseMs, longestPauseMs);
      report(`${error.code}: ${messageOf(error)} (again in ${pauseMs / 1000} s)`);
      await sleep(pauseMs, undefined, { signal: stop }).catch(() => undefined);
    }
  }
}

async function followWith(follower: Follower, wentWell: () => void): Promise<void> {
  const { pipeline, topic, reader, watch, stop, report } = follower;
  let waiting: LiveBatch | undefined;
  let seen: string | undefined;
  let knownMonths = new Set<string>();
  while (!stop.aborted) {
    if (reader.unplaced()) waiting = undefined;
    waiting ??= await nextBatch(follower);
    const other = await openRunRow(pipeline.db);
    if (other !== undefined) {
      if (seen !== other.run_id) {
        seen = other.run_id;
        knownMonths = new Set();
        if (other.trigger !== 'follow') report(`run ${other.run_id} is under way: waiting for its end`);
        else if ((await pipeline.topic()) !== topic) return;
      }
      if (waiting !== undefined && canHelp(other) && (await help(follower, other, knownMonths, waiting)))
        waiting = undefined;
      else await sleep(othersEveryMs);
      continue;
    }
    if (waiting === undefined && !(await watch.changed())) continue;
    watch.again();
    // A replay may have given the dataset another one since.
    if ((await pipeline.topic()) !== topic) return;
    const run = await openFollowRun(pipeline);
    if (run === undefined) continue;
    const first = waiting;
    waiting = undefined;
    const { publishMs } = pipeline.settings;
    await withLease(pipeline, run.run_id, (held, lost) => leadRun(follower, held, lost, publishMs, first));
    wentWell();
  }
}

/** Not one that was left and taken up: who finishes it reads all partitions alone. */
const canHelp = (run: Run) => run.holder !== null && run.led_by === run.holder && !run.handed_on;

/** Counts a batch for a run that another process leads. false: that run is past counting, the next one takes it. */
async function help(follower: Follower, run: Run, knownMonths: Set<string>, batch: LiveBatch): Promise<boolean> {
  try {
    await countBatch(follower.pipeline, run, follower.topic, knownMonths, batch);
    return true;
  } catch (error) {
    if (!isStale(error)) throw error;
    if ((error as TillcastError).retryable) return false;
    await placeReader(follower);
    return true;
  }
}

/** undefined: another process was faster. */
async function openFollowRun(pipeline: Pipeline): Promise<Run | undefined> {
  const now = new Date();
  const covers = await coveredSlots(pipeline, null, now);
  const opening = await openRun(pipeline.db, {
    runId: handRunId(now, 'follow'),
    trigger: 'follow',
    slot: null,
    covers,
  });
  if ('opened' in opening) return opening.opened;
  // The id is to the second, and that second had its run.
  if ('known' in opening) await sleep(1_001 - now.getMilliseconds());
  return undefined;
}
