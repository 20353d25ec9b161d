import { afterEach, expect, test } from '@jest/globals';
import { newestRuns, type Run } from '../../lib/postgres/ledger.ts';
import { type StepName, stepsOf } from '../../lib/postgres/runSteps.ts';
import { redisConnection } from '../../lib/queue/connection.ts';
import { openTestDataset, type TestDataset } from '../support/dataset.ts';
import { type OwnServers, ownServers } from '../support/ownServers.ts';
import { type StartProcess, startProcess } from '../support/startProcess.ts';
import { expectCountedOnce, sales, untilDone, untilInStep } from './startFixture.ts';

const minute = 60_000;
const everyMinute = { SCHEDULE: '* * * * *' };
const steps: readonly StepName[] = ['produce', 'read', 'apply', 'mirror', 'publish', 'commit'];
let own: OwnServers | undefined;
let dataset: TestDataset | undefined;
let running: StartProcess | undefined;

afterEach(async () => {
  await running?.stop();
  running = undefined;
  await dataset?.close();
  dataset = undefined;
  await own?.close();
  own = undefined;
});

async function flushAll(servers: OwnServers): Promise<void> {
  const redis = redisConnection(servers.urls.redisUrl);
  await redis.flushall();
  redis.disconnect();
}

async function killAndRestart(servers: OwnServers): Promise<void> {
  await servers.kill('redis');
  await servers.start();
}

const attacks: [string, (servers: OwnServers) => Promise<void>][] = [
  ['Redis wiped (FLUSHALL)', flushAll],
  ['Redis killed -9 and started again', killAndRestart],
];

/** Nothing ran twice: each step of each run that ended was done by one attempt. */
async function expectStepsOnce(of: TestDataset, runs: readonly Run[]): Promise<void> {
  for (const { run_seq } of runs) {
    const taken = (await stepsOf(of.pipeline.db, run_seq)).map(({ step, attempt, error }) => [step, attempt, error]);
    expect(taken).toEqual(steps.map((step) => [step, 1, null]));
  }
}

test.each(attacks)(
  '%s in mid-run under npm start: the run is complete within 90 s without a person, nothing runs twice, the clock goes on',
  async (name, attack) => {
    own = await ownServers(['redis']);
    dataset = await openTestDataset(everyMinute, own.urls);
    const { db } = dataset.pipeline;
    const rowsPerRun = 30_000;
    const done: string[] = [];
    for (const [at, step] of (['produce', 'apply', 'publish'] as const).entries()) {
      dataset.write(`inventory_change_${at}.csv`, sales(rowsPerRun, at * rowsPerRun));
      running ??= startProcess(dataset, everyMinute);
      const { run_id } = await untilInStep(dataset, running, step, done);
      await attack(own);
      const run = await untilDone(dataset, running, run_id, `${name} in ${step}`);
      expect(run).toMatchObject({ status: 'succeeded', rows_new: rowsPerRun, rows_duplicate: 0 });
      done.push(run_id);
    }
    // The loop itself saw the clock go on: each run is of a later minute. One more, without an attack.
    dataset.write('inventory_change_9.csv', sales(10, 900_000));
    const last = await untilInStep(dataset, running as StartProcess, 'publish', done);
    await untilDone(dataset, running as StartProcess, last.run_id, 'the next hour');
    expect(await running?.stop()).toBe(0);
    running = undefined;

    const runs = (await newestRuns(db, 100)).filter(({ finished_at }) => finished_at !== null);
    expect(new Set(runs.map(({ slot }) => slot?.toISOString())).size).toBe(runs.length);
    await expectStepsOnce(dataset, runs);
    await expectCountedOnce(dataset, 3 * rowsPerRun + 10);
  },
  10 * minute,
);
