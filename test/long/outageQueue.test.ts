import { describe, expect } from '@jest/globals';
import { runOnce } from '../../jobs/once.ts';
import { stepsOf } from '../../lib/postgres/runSteps.ts';
import { redisConnection } from '../../lib/queue/connection.ts';
import { undisturbed } from '../e2e/dataKillFixture.ts';
import { deliver, expectUndisturbed, rowsOf, withResident } from '../e2e/outageFixture.ts';
import { openTestDataset, type TestDataset } from '../support/dataset.ts';
import { ownServers } from '../support/ownServers.ts';
import { type TestServices, testServices } from '../support/services.ts';
import { sideBySide } from '../support/sideBySide.ts';
import { openProxy } from '../support/tcpProxy.ts';

type Files = ReadonlyMap<string, string>;

const shared = testServices();
const secondHalf = { status: 'succeeded', rows_new: rowsOf(1) - rowsOf(0.5) };
const soonMs = 3_000;

async function withOnce(services: TestServices, work: (dataset: TestDataset) => Promise<void>): Promise<void> {
  const dataset = await openTestDataset({ PARTITIONS: '2' }, services);
  try {
    await work(dataset);
  } finally {
    await dataset.close();
  }
}

/** Two hours by `once`; what `attack` does happens in the second, when its producer is done. */
async function attackedOnce(dataset: TestDataset, attack: () => Promise<unknown>, files: Files): Promise<void> {
  deliver({ dataset }, 0.5);
  await dataset.hour();
  deliver({ dataset }, 1);
  let attacked: Promise<unknown> | undefined;
  const summary = await runOnce(dataset.pipeline, (line) => {
    dataset.said.push(line);
    if (line.startsWith('produce:')) attacked ??= attack();
  });
  expect(summary).toMatchObject(secondHalf);
  await attacked;
  await expectUndisturbed({ dataset }, files);
}

/** Each step of each run was done once; a try that failed (a fresh topic on a busy broker) did nothing. */
async function expectStepsOnce(dataset: TestDataset): Promise<void> {
  const { db } = dataset.pipeline;
  const { rows: runs } = await db.pool.query<{ run_seq: number }>('SELECT run_seq FROM run');
  expect(runs).toHaveLength(2);
  for (const { run_seq } of runs) {
    const done = (await stepsOf(db, run_seq)).filter(({ error }) => error === null);
    expect(done.map(({ step }) => step)).toEqual(['produce', 'read', 'apply', 'mirror', 'publish', 'commit']);
  }
}

async function wipe(redisUrl: string): Promise<void> {
  const redis = redisConnection(redisUrl);
  await redis.flushall();
  redis.disconnect();
}

async function wipedUnderWorker(files: Files) {
  const own = await ownServers(['redis']);
  try {
    await withResident(own.urls, own.urls, async (resident) => {
      deliver(resident, 0.5);
      await resident.run();
      deliver(resident, 1);
      let wiped: Promise<void> | undefined;
      resident.onLine.call = (line) => {
        if (line.startsWith('produce:')) wiped ??= wipe(own.urls.redisUrl);
      };
      expect(await resident.run()).toMatchObject(secondHalf);
      await wiped;
      await expectStepsOnce(resident.dataset);
      await expectUndisturbed(resident, files);
    });
  } finally {
    await own.close();
  }
}

async function wipedUnderOnce(files: Files) {
  const own = await ownServers(['redis']);
  try {
    await withOnce(own.urls, async (dataset) => {
      await attackedOnce(dataset, () => wipe(own.urls.redisUrl), files);
      await expectStepsOnce(dataset);
    });
  } finally {
    await own.close();
  }
}

async function redisGoneUnderOnce(files: Files) {
  const proxy = await openProxy(shared.redisUrl);
  try {
    await withOnce({ ...shared, redisUrl: proxy.through(shared.redisUrl) }, async (dataset) => {
      await attackedOnce(dataset, () => proxy.cutOff(), files);
      await expectStepsOnce(dataset);
    });
  } finally {
    await proxy.close();
  }
}

async function postgresAwayUnderOnce(files: Files) {
  const proxy = await openProxy(shared.postgresUrl);
  try {
    await withOnce({ ...shared, postgresUrl: proxy.through(shared.postgresUrl) }, async (dataset) => {
      const away = async () => {
        await proxy.cutOff();
        await new Promise((resolve) => setTimeout(resolve, soonMs));
        await proxy.restore();
      };
      await attackedOnce(dataset, away, files);
    });
  } finally {
    await proxy.close();
  }
}

async function redisSilentAtOnce() {
  const proxy = await openProxy(shared.redisUrl);
  try {
    await withOnce({ ...shared, redisUrl: proxy.through(shared.redisUrl) }, async (dataset) => {
      deliver({ dataset }, 1);
      proxy.pause();
      await expect(dataset.hour()).rejects.toMatchObject({
        code: 'ETL_SERVICES',
        message: expect.stringContaining('start it, then give the same command again; nothing was begun'),
      });
      proxy.resume();
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: rowsOf(1) });
    });
  } finally {
    await proxy.close();
  }
}

describe('the queue or the ledger lost in mid-run', () => {
  sideBySide(undisturbed, {
    'Redis wiped under a worker: the ledger still knows, the run is completed, no step is done twice': wipedUnderWorker,
    'Redis wiped under once: it goes on by the ledger and ends well, no step is done twice': wipedUnderOnce,
    'Redis gone for good under once: it goes on by the ledger and ends well, no step is done twice': redisGoneUnderOnce,
    'PostgreSQL away for seconds under once: it waits and ends well': postgresAwayUnderOnce,
    'Redis silent when once begins: a bounded wait, a sentence, and success when it is back': redisSilentAtOnce,
  });
});
