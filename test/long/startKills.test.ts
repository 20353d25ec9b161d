import { afterEach, expect, test } from '@jest/globals';
import { stepsOf } from '../../lib/postgres/runSteps.ts';
import { openTestDataset, type TestDataset } from '../support/dataset.ts';
import { type HalfRunReader, startHalfRunReader } from '../support/halfRunReader.ts';
import { type StartProcess, startProcess } from '../support/startProcess.ts';
import { expectCountedOnce, killWorkerIn, sales, untilDone } from './startFixture.ts';

const minute = 60_000;
let dataset: TestDataset;
let running: StartProcess | undefined;
let reader: HalfRunReader | undefined;

afterEach(async () => {
  await running?.stop();
  running = undefined;
  await reader?.stop();
  reader = undefined;
  await dataset.close();
});

function startReader(): HalfRunReader {
  const { db, urls } = dataset.pipeline;
  reader = startHalfRunReader(urls.postgresUrl, db.schema, dataset.outputDir);
  return reader;
}

test(
  'a worker that is killed mid-run, and its successors too, three in a row: the run is completed within 90 s without a person',
  async () => {
    dataset = await openTestDataset();
    dataset.write('inventory_change_1.csv', sales(60_000));
    const seen = startReader();
    running = startProcess(dataset, {});
    const first = await killWorkerIn(dataset, running, 'produce');
    const second = await killWorkerIn(dataset, running, 'apply');
    const third = await killWorkerIn(dataset, running, 'publish');
    const pids = [first, second, third].map(({ workerPid }) => workerPid);
    expect(new Set(pids).size).toBe(3);
    expect([second.run_id, third.run_id]).toEqual([first.run_id, first.run_id]);

    const run = await untilDone(dataset, running, first.run_id, 'after the third kill');
    expect(run).toMatchObject({ status: 'succeeded', rows_read: 60_000, rows_new: 60_000, rows_duplicate: 0 });
    expect(running.lines.filter((line) => line.includes('taking it up')).length).toBeGreaterThanOrEqual(3);
    await running.saw(/first run done/, minute);
    await expectCountedOnce(dataset, 60_000);
    const { polls, halfRuns } = await seen.stop();
    expect(halfRuns).toEqual([]);
    expect(polls).toBeGreaterThan(20);
  },
  10 * minute,
);

test(
  'a worker that is killed in each of three runs in a row: each run is completed within 90 s without a person',
  async () => {
    dataset = await openTestDataset({ SCHEDULE: '* * * * *' });
    const seen = startReader();
    const done: string[] = [];
    const steps = ['apply', 'read', 'mirror'] as const;
    for (const [at, step] of steps.entries()) {
      dataset.write(`inventory_change_${at}.csv`, sales(30_000, at * 30_000));
      running ??= startProcess(dataset, { SCHEDULE: '* * * * *' });
      const { run_id } = await killWorkerIn(dataset, running, step, done);
      const run = await untilDone(dataset, running, run_id, `run ${at + 1}, killed in ${step}`);
      expect(run).toMatchObject({ status: 'succeeded', rows_new: 30_000, rows_duplicate: 0 });
      // What was done before the kill is not done again.
      const taken = await stepsOf(dataset.pipeline.db, run.run_seq);
      const before = taken.slice(
        0,
        taken.findIndex((attempt) => attempt.step === step),
      );
      expect(taken.filter((one) => before.some(({ step }) => step === one.step))).toEqual(before);
      done.push(run_id);
    }
    expect(await running?.stop()).toBe(0);
    await expectCountedOnce(dataset, 90_000);
    const { polls, halfRuns } = await seen.stop();
    expect(halfRuns).toEqual([]);
    expect(polls).toBeGreaterThan(20);
  },
  10 * minute,
);
