import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { verify } from '../../jobs/verify.ts';
import { queuePrefix, redisConnection } from '../../lib/queue/connection.ts';
import { runCommandProcess } from '../support/commandProcess.ts';
import { dataFiles } from '../support/dataFiles.ts';
import type { TestDataset } from '../support/dataset.ts';
import { changes, counts, expectRowsAddUp, mixedLines, withDataset } from './dataFixture.ts';

const { change, count } = mixedLines(3, 240);

type Counts = Parameters<typeof expectRowsAddUp>[0];

/** A first hour that goes well, then the files grow and a late count comes. */
async function twoHours(dataset: TestDataset, second: () => Promise<unknown>): Promise<void> {
  dataset.write('inventory_change_a.csv', changes(...change.slice(0, 120)));
  dataset.write('inventory_snapshot_a.csv', counts(...count.slice(0, 10)));
  expect(await dataset.hour()).toMatchObject({ status: 'succeeded' });
  dataset.write('inventory_change_a.csv', changes(...change));
  dataset.write('inventory_snapshot_b.csv', counts(...count));
  await second();
}

/** The data files of the two hours without any mishap. */
export const undisturbed = () =>
  withDataset({ PARTITIONS: '2' }, async (dataset) => {
    await twoHours(dataset, () => dataset.hour());
    return dataFiles(dataset.outputDir);
  });

/** `once` as an operator starts it, killed at `point`; returns how it ended. */
async function killedOnce(
  dataset: TestDataset,
  point: string,
  settings: Readonly<Record<string, string>>,
): Promise<NodeJS.Signals | number | null> {
  const { code, signal } = await runCommandProcess(dataset, 'jobs/onceCommand.ts', [], { ...settings, FAIL_AT: point });
  return signal ?? code;
}

/** Kills a run at `point`, does what an operator does (`once` again), and compares with the undisturbed hours. */
export async function killAndRecover(
  point: string,
  expectedFiles: ReadonlyMap<string, string>,
  settings: Readonly<Record<string, string>> = {},
): Promise<void> {
  await withDataset({ PARTITIONS: '2' }, async (dataset) => {
    try {
      await twoHours(dataset, async () => {
        expect([point, await killedOnce(dataset, point, settings)]).toEqual([point, 'SIGKILL']);
        const [info] = dataset.rows('run_info.csv');
        const publishing = ['before_rename', 'mid_rename', 'before_run_info'].includes(point);
        expect([point, info?.state]).toEqual([point, publishing ? 'publishing' : 'complete']);
        expect([point, await dataset.hour()]).toMatchObject([
          point,
          { status: 'succeeded', rows_read: 0, rows_new: 0 },
        ]);
      });
      const { rows: runs } = await dataset.pipeline.db.pool.query<Counts>(
        'SELECT rows_read, rows_new, rows_duplicate, rows_rejected FROM run',
      );
      for (const run of runs) expectRowsAddUp(run);
      expect([point, runs.reduce((sum, run) => sum + run.rows_new, 0)]).toEqual([point, change.length + count.length]);
      expect(dataset.said.filter((line) => line.includes('taking it up'))).toHaveLength(1);
      expect([point, dataFiles(dataset.outputDir)]).toEqual([point, expectedFiles]);
      expect([point, await verify(dataset.pipeline, () => undefined)]).toMatchObject([point, { ok: true, listed: [] }]);
      for (const folder of [dataset.outputDir, join(dataset.outputDir, 'archive')]) {
        expect(existsSync(folder) ? readdirSync(folder).filter((name) => name.includes('.next')) : []).toEqual([]);
      }
    } finally {
      await forgetQueues(dataset);
    }
  });
}

/** A killed `once` cannot clear its queue. */
export async function forgetQueues(dataset: TestDataset): Promise<void> {
  const redis = redisConnection(dataset.pipeline.urls.redisUrl);
  const keys = await redis.keys(`${queuePrefix(dataset.name)}*`);
  if (keys.length > 0) await redis.del(...keys);
  redis.disconnect();
}
