import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { adoptLeftRun, startAdopting } from '../../jobs/adopt.ts';
import { startClock } from '../../jobs/schedule.ts';
import { openStations } from '../../jobs/stations.ts';
import { newestRuns, openRun, openRunRow } from '../../lib/postgres/ledger.ts';
import { query } from '../../lib/postgres/pool.ts';
import { startStep } from '../../lib/postgres/runSteps.ts';
import { queuePrefix } from '../../lib/queue/connection.ts';
import { dropQueues } from '../../lib/queue/queues.ts';
import { openTestDataset, type TestDataset } from '../support/dataset.ts';

let dataset: TestDataset;

beforeEach(async () => {
  // One slot a year: no test can fall on its edge.
  dataset = await openTestDataset({ SCHEDULE: '0 0 1 1 *' });
  dataset.write(
    'inventory_change_a.csv',
    'trans_id,item_id,store_id,date_time,quantity,change_type_id\n{1},101,1,11/3/2025 10:00,-1,1\n',
  );
});
afterEach(() => dataset.close());

/** Starts stations, adopter and clock as `start` and its worker do, until the newest run is over and stays so. */
async function started(before: { lostQueue: boolean }) {
  const { pipeline } = dataset;
  const said: string[] = [];
  const stations = await openStations(pipeline, queuePrefix(dataset.name), () => undefined);
  if (before.lostQueue) await dropQueues(stations.queues);
  const begunAt = Date.now();
  const clock = startClock(pipeline, stations.queues, (line) => said.push(line));
  const adopting = startAdopting(pipeline, () => undefined);
  try {
    for (;;) {
      const [run] = await newestRuns(pipeline.db, 1);
      if (run?.finished_at != null && run.finished_at.getTime() >= begunAt) return { run, said };
      await sleep(50);
    }
  } finally {
    await clock.close();
    await adopting.close();
    await stations.close();
  }
}

test.each([{ lostQueue: false }, { lostQueue: true }])(
  'a start after a failed hour tries it again and says so, %p',
  async (how) => {
    const info = join(dataset.outputDir, 'run_info.csv');
    await dataset.hour();
    dataset.write(
      'inventory_change_b.csv',
      'trans_id,item_id,store_id,date_time,quantity,change_type_id\n{2},101,1,11/3/2025 11:00,-1,1\n',
    );
    const good = dataset.text('run_info.csv');
    await dataset.pipeline.db.pool.query(`UPDATE run SET opened_at = '2020-01-01', slot = NULL`);
    writeFileSync(info, 'dataset,state\nshop,complete\n');
    const failed = await started({ lostQueue: false });
    expect(failed.run).toMatchObject({ status: 'failed', trigger: 'start-up' });
    writeFileSync(info, good);

    const again = await started(how);
    expect(again.run).toMatchObject({ run_id: failed.run.run_id, status: 'succeeded', rows_new: 1 });
    const what = how.lostQueue ? 'the queue lost it: opened again' : 'its consume job is tried again';
    expect(again.said).toEqual([expect.stringContaining(what)]);
    expect(again.said[0]).toContain(`the hour ${failed.run.run_id} failed (`);
  },
);

test('once ends with a sentence when Redis goes away in the middle, and the next once finishes the run', async () => {
  const { pipeline, settings, inputDir, outputDir } = dataset;
  // A process of its own, as its connections wait for Redis until it ends.
  const script = fileURLToPath(new URL('../support/onceWithoutRedis.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script], {
    env: {
      ...process.env,
      DATASET: dataset.name,
      INPUT_DIR: inputDir,
      OUTPUT_DIR: outputDir,
      PARTITIONS: '3',
      SETTLE_SECONDS: '0',
      TILLCAST_HOME: settings.homeDir,
    },
  });
  expect(stdout).toMatch(/^ETL_RUN_FAILED: .* is Redis, which holds the queue, away\?/);
  const open = await openRunRow(pipeline.db);
  expect(open).toMatchObject({ status: 'running', trigger: 'once' });
  await pipeline.db.pool.query(`UPDATE run SET heartbeat_at = now() - interval '1 minute'`);
  await dataset.hour();
  expect((await newestRuns(pipeline.db, 2)).map((run) => [run.run_id === open?.run_id, run.status])).toEqual([
    [false, 'succeeded'],
    [true, 'succeeded'],
  ]);
});

test('a run whose step took its process along ten times is given up with the reason, and the next begins', async () => {
  const { pipeline } = dataset;
  const { db } = pipeline;
  const opening = await openRun(db, { runId: 'crashing', trigger: 'hand', slot: null, covers: [] });
  if (!('opened' in opening)) throw new Error('another run is open');
  for (let attempt = 0; attempt < 10; attempt += 1) await startStep(db, opening.opened.run_seq, 'produce');
  await query(db, `UPDATE run SET heartbeat_at = now() - interval '1 hour'`);
  const said: string[] = [];
  await adoptLeftRun(pipeline, (line) => said.push(line), 1_000);
  expect(said).toEqual([
    expect.stringContaining('run crashing is given up: its step produce ended its process 10 times'),
  ]);
  expect(await newestRuns(db, 1)).toMatchObject([{ run_id: 'crashing', status: 'failed' }]);
  expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: 1 });
});
