import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect } from '@jest/globals';
import { newestRuns } from '../../lib/postgres/ledger.ts';
import { queuePrefix, redisConnection } from '../../lib/queue/connection.ts';
import { openQueues } from '../../lib/queue/queues.ts';
import { undisturbed } from '../e2e/dataKillFixture.ts';
import { expectNoStack, type Process, startJob, stopped, wakeZombie, withFencing } from '../e2e/fencingFixture.ts';
import { deliver, expectUndisturbed, rowsOf } from '../e2e/outageFixture.ts';
import { sideBySide } from '../support/sideBySide.ts';

type Files = ReadonlyMap<string, string>;

const points = ['mid_file', 'mid_read', 'mid_mirror', 'before_mirror_flag', 'mid_csv', 'before_rename', 'mid_rename'];
const title = (point: string) =>
  `a zombie that wakes at ${point} changes nothing, says why it leaves, and ends without a stack`;

/** The worker sleeps longer than its job's lock (60 s), so that BullMQ gives the job to the other worker, too. */
async function stalledJob(files: Files) {
  await withFencing(async (dataset) => {
    const { db, urls } = dataset.pipeline;
    deliver({ dataset }, 1);
    const queues = openQueues(redisConnection(urls.redisUrl), queuePrefix(dataset.name));
    const sleeper = startJob(dataset, 'worker', { FAIL_AT: 'before_commit:stop' });
    let other: Process | undefined;
    try {
      await queues.door.add('run', {});
      await stopped(sleeper);
      other = startJob(dataset, 'worker');
      const [run] = await newestRuns(db, 1);
      const consumer = `consume-${run?.run_id}`;
      for (;;) {
        const job = await queues.consume.getJob(consumer);
        if (job !== undefined && job.stalledCounter > 0 && job.finishedOn !== undefined) break;
        await sleep(500);
      }
      sleeper.child.kill('SIGCONT');
      // It says why it left: the run is another's, or its transaction was ended while it slept and the run is done.
      const left = /taken over by|terminating connection|already finished/;
      for (let tries = 0; !sleeper.lines.some((line) => left.test(line)); tries += 1) {
        if (tries === 600) throw new Error(`the sleeper does not leave:\n${sleeper.lines.join('\n')}`);
        await sleep(100);
      }
      expect(await newestRuns(db, 5)).toMatchObject([{ status: 'succeeded', rows_new: rowsOf(1) }]);
      await expectUndisturbed({ dataset }, files);
      for (const worker of [sleeper, other]) {
        worker.child.kill('SIGTERM');
        expect(await worker.ended).toBe(0);
        expectNoStack(worker.lines);
      }
    } finally {
      sleeper.child.kill('SIGKILL');
      other?.child.kill('SIGKILL');
      await queues.close();
    }
  });
}

describe('one run at a time', () => {
  sideBySide(undisturbed, {
    ...Object.fromEntries(points.map((point) => [title(point), (files: Files) => wakeZombie(point, files)])),
    'a stalled job that BullMQ runs again beside its sleeping worker: the run is done once, and the sleeper leaves':
      stalledJob,
  });
});
