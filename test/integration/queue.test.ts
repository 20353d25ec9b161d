import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Job } from 'bullmq';
import { runOnce } from '../../jobs/once.ts';
import type { DoorResult } from '../../jobs/run.ts';
import { askForNewestSlot } from '../../jobs/schedule.ts';
import { openStations, type Stations } from '../../jobs/stations.ts';
import { newestSlot, slotRunId } from '../../lib/core/slots.ts';
import { setClockPaused } from '../../lib/postgres/clockSwitch.ts';
import { claimRun, findRun, finishRun, newestRuns, openRun, type Run } from '../../lib/postgres/ledger.ts';
import { openDatabase, query } from '../../lib/postgres/pool.ts';
import { queuePrefix } from '../../lib/queue/connection.ts';
import { addRunFlow, doorJobId, dropQueues } from '../../lib/queue/queues.ts';
import { openTestDataset, type TestDataset } from '../support/dataset.ts';
import { insideOneHour } from '../support/hourEnd.ts';

let dataset: TestDataset;
let stations: Stations;

beforeAll(async () => {
  dataset = await openTestDataset();
  dataset.write(
    'inventory_change_a.csv',
    'trans_id,item_id,store_id,date_time,quantity,change_type_id\n{1},101,1,11/3/2025 10:00,-1,1\n',
  );
});
beforeEach(async () => {
  stations = await openStations(dataset.pipeline, queuePrefix(dataset.name), (line) => dataset.said.push(line));
});
afterEach(async () => {
  await dropQueues(stations.queues);
  await stations.close();
  await query(dataset.pipeline.db, 'TRUNCATE run CASCADE');
});
afterAll(() => dataset.close());

/** Waits for what `look` finds. */
async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(20);
  }
}

const add = (data: object, jobId?: string) =>
  stations.queues.door.add('run', data, jobId === undefined ? {} : { jobId });
/** The job once its door worker is done with it. */
const settled = (job: Job) =>
  until(async () => {
    const seen = await stations.queues.door.getJob(job.id ?? '');
    return seen?.finishedOn === undefined ? undefined : seen;
  });
const resultOf = async (job: Job) => (await settled(job)).returnvalue as DoorResult;
const finished = (runId: string) =>
  until<Run>(async () => {
    const run = await findRun(dataset.pipeline.db, runId);
    return run?.finished_at == null ? undefined : run;
  });

describe('the door', () => {
  test('opens a run whose consumer waits for its producer, both named after it', async () => {
    const { run_id, outcome } = await resultOf(await add({}));
    expect(outcome).toBe('started');
    expect(run_id).toMatch(/^\d{8}T\d{6}Z-hand$/);
    expect(await finished(run_id)).toMatchObject({ status: 'succeeded', trigger: 'hand', rows_new: 1, rows_read: 1 });
    const produce = await stations.queues.produce.getJob(`produce-${run_id}`);
    const consume = await until(async () => {
      const job = await stations.queues.consume.getJob(`consume-${run_id}`);
      return job?.finishedOn === undefined ? undefined : job;
    });
    expect([produce?.data, consume.data]).toEqual([{ run_id }, { run_id }]);
    expect(produce?.finishedOn ?? Number.NaN).toBeLessThanOrEqual(consume.processedOn ?? 0);
    expect(consume.returnvalue).toMatchObject({ run_id, status: 'succeeded', rows_new: 1 });
    const { logs } = await stations.queues.consume.getJobLogs(`consume-${run_id}`);
    expect(logs.map((line) => line.split(':')[0])).toEqual(
      expect.arrayContaining(['read', 'apply', 'mirror', 'publish', 'commit']),
    );
  });

  test('refuses data that is not what starts a run, with a sentence and without a run', async () => {
    for (const data of [{ input: '/etc' }, { slot: 'now' }, { trigger: 'cron' }]) {
      const job = await settled(await add(data));
      expect(job.failedReason).toContain('add a job with {} and the current hour runs');
      expect(job.attemptsMade).toBe(1);
    }
    expect(await newestRuns(dataset.pipeline.db, 5)).toEqual([]);
  });

  test('makes one run of a slot that is asked for twice, also when its flow is added twice', async () => {
    const slot = new Date('2026-11-05T09:00:00Z');
    const runId = slotRunId(slot);
    const ask = () => add({ slot: slot.toISOString(), trigger: 'clock' }, doorJobId(runId));
    const [one, two] = await Promise.all([ask(), ask()]);
    expect(one.id).toBe(two.id);
    expect(await resultOf(one)).toMatchObject({ run_id: runId, outcome: 'started' });
    await addRunFlow(stations.queues, runId);
    expect(await finished(runId)).toMatchObject({ status: 'succeeded', trigger: 'clock', slot });
    expect(await newestRuns(dataset.pipeline.db, 5)).toHaveLength(1);
    expect(await stations.queues.produce.getJobCountByTypes('completed')).toBe(1);
  });

  test('leaves with a sentence where the slot is done by another run', async () => {
    const { run_id } = await resultOf(await add({}));
    await finished(run_id);
    const left = await resultOf(await add({ slot: '2026-11-05T09:00:00.000Z', trigger: 'sweep' }));
    expect(left).toEqual({
      run_id: '20261105T0900Z',
      outcome: 'left',
      because: `the hour 2026-11-05T09:00:00.000Z is done: run ${run_id} succeeded`,
    });
    expect(await newestRuns(dataset.pipeline.db, 5)).toHaveLength(1);
  });

  test('tells a person which run is under way, and lets the clock wait for it', async () => {
    const open = { runId: 'the open run', trigger: 'hand' as const, slot: null, covers: [] };
    await openRun(dataset.pipeline.db, open);
    const left = await resultOf(await add({}));
    expect(left).toMatchObject({ outcome: 'left', because: expect.stringContaining('run the open run is under way') });
    const job = await add({ slot: '2026-11-05T09:00:00.000Z', trigger: 'clock' });
    await until(async () => ((await job.getState()) === 'delayed' ? true : undefined));
    const { logs } = await stations.queues.door.getJobLogs(job.id ?? '');
    expect(logs.at(-1)).toContain('run the open run is under way');
    await finishRun(dataset.pipeline.db, open.runId, 'succeeded', null);
    expect(await newestRuns(dataset.pipeline.db, 5)).toHaveLength(1);
  });

  test('begins no hour while the clock is paused, also one that waited for another run, until it goes on', async () => {
    await insideOneHour(30_000);
    const { pipeline } = dataset;
    const slot = newestSlot(pipeline.settings.schedule, new Date());
    await setClockPaused(pipeline.db, true);
    await askForNewestSlot(pipeline, stations.queues);
    expect(await stations.queues.door.getJobCountByTypes('waiting', 'active', 'delayed', 'completed')).toBe(0);
    const job = await add({ slot: slot.toISOString(), trigger: 'clock' }, doorJobId(slotRunId(slot)));
    await until(async () => ((await job.getState()) === 'delayed' ? true : undefined));
    const { logs } = await stations.queues.door.getJobLogs(job.id ?? '');
    expect(logs).toEqual(['the clock is paused: waiting until it goes on']);
    expect(await newestRuns(pipeline.db, 5)).toEqual([]);
    const { run_id } = await resultOf(await add({}));
    expect(await finished(run_id)).toMatchObject({ status: 'succeeded', trigger: 'hand' });
    await query(pipeline.db, 'TRUNCATE run CASCADE');
    await setClockPaused(pipeline.db, false);
    await askForNewestSlot(pipeline, stations.queues);
    expect(await finished(slotRunId(slot))).toMatchObject({ status: 'succeeded', trigger: 'clock' });
    expect(await newestRuns(pipeline.db, 5)).toHaveLength(1);
  });

  test('gives two persons who start a run in one second a run each', async () => {
    const first = await resultOf(await add({}));
    await finished(first.run_id);
    const second = await resultOf(await add({}));
    expect(second.outcome).toBe('started');
    expect(second.run_id).not.toBe(first.run_id);
    await finished(second.run_id);
  });

  test('lets once end with a sentence where a living process works on a run', async () => {
    const { db, urls } = dataset.pipeline;
    await openRun(db, { runId: 'the open run', trigger: 'hand', slot: null, covers: [] });
    const living = openDatabase(urls.postgresUrl, dataset.name, 'a living process');
    try {
      await claimRun(living, 'the open run', 'a living process');
      await expect(runOnce(dataset.pipeline, () => undefined)).rejects.toMatchObject({
        code: 'ETL_RUN_OPEN',
        message: expect.stringContaining('run the open run is under way'),
      });
      expect(await findRun(db, 'the open run')).toMatchObject({ holder: 'a living process', status: 'running' });
    } finally {
      await living.close();
    }
  });
});
