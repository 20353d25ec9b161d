import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect } from '@jest/globals';
import { newestSlot, slotRunId } from '../../lib/core/slots.ts';
import { newestRuns } from '../../lib/postgres/ledger.ts';
import { stepsOf } from '../../lib/postgres/runSteps.ts';
import { queuePrefix, redisConnection } from '../../lib/queue/connection.ts';
import { doorJobId, openQueues } from '../../lib/queue/queues.ts';
import { testServices } from '../support/services.ts';
import { sideBySide } from '../support/sideBySide.ts';
import { undisturbed } from './dataKillFixture.ts';
import { expectNoStack, startJob, stopped, wakeZombie, withFencing } from './fencingFixture.ts';
import { deliver, expectUndisturbed, rowsOf, withResident } from './outageFixture.ts';

type Files = ReadonlyMap<string, string>;

async function twoOnce(files: Files) {
  await withFencing(async (dataset) => {
    deliver({ dataset }, 1);
    const first = startJob(dataset, 'onceCommand', { FAIL_AT: 'before_commit:stop' });
    try {
      await stopped(first);
      const second = startJob(dataset, 'onceCommand');
      expect([await second.ended, second.lines]).toEqual([1, expect.any(Array)]);
      const [run] = await newestRuns(dataset.pipeline.db, 1);
      expect(second.lines.join('\n')).toContain(`ETL_RUN_OPEN: run ${run?.run_id} is under way`);
      expectNoStack(second.lines);
      first.child.kill('SIGCONT');
      expect([await first.ended, first.lines]).toEqual([0, expect.any(Array)]);
      expect(JSON.parse(first.lines.at(-1) ?? '')).toMatchObject({ status: 'succeeded', rows_new: rowsOf(1) });
      await expectUndisturbed({ dataset }, files);
    } finally {
      first.child.kill('SIGKILL');
    }
  });
}

async function twoWorkers(files: Files) {
  await withFencing(async (dataset) => {
    const { db, urls } = dataset.pipeline;
    const workers = [startJob(dataset, 'worker'), startJob(dataset, 'worker')];
    const queues = openQueues(redisConnection(urls.redisUrl), queuePrefix(dataset.name));
    try {
      for (const share of [0.25, 0.5, 0.75, 1]) {
        deliver({ dataset }, share);
        // Two at once: one run wins.
        await Promise.all([queues.door.add('run', {}), queues.door.add('run', {})]);
        for (let sum = 0; sum < rowsOf(share); await sleep(100)) {
          const runs = await newestRuns(db, 20);
          sum = runs.reduce((rows, run) => rows + (run.finished_at === null ? 0 : run.rows_new), 0);
        }
      }
      while ((await newestRuns(db, 20)).some((run) => run.finished_at === null)) await sleep(100);
      const runs = await newestRuns(db, 20);
      expect(runs.map((run) => run.status)).toEqual(runs.map(() => 'succeeded'));
      for (const run of runs) {
        const steps = (await stepsOf(db, run.run_seq)).filter(({ error }) => error === null);
        expect(steps.map((step) => step.step)).toEqual(['produce', 'read', 'apply', 'mirror', 'publish', 'commit']);
      }
      await expectUndisturbed({ dataset }, files);
    } finally {
      for (const { child } of workers) child.kill('SIGTERM');
      for (const { ended } of workers) expect(await ended).toBe(0);
      for (const { lines } of workers) expectNoStack(lines);
      await queues.close();
    }
  });
}

async function clickAtTick(files: Files) {
  const shared = testServices();
  await withResident(shared, shared, async ({ dataset, queues }) => {
    deliver({ dataset }, 1);
    const slot = newestSlot('0 * * * *', new Date());
    const [click, tick] = await Promise.all([
      queues.door.add('run', {}),
      queues.door.add('run', { slot: slot.toISOString(), trigger: 'clock' }, { jobId: doorJobId(slotRunId(slot)) }),
    ]);
    const results = await Promise.all(
      [click, tick].map(async (job) => {
        for (;;) {
          const seen = await queues.door.getJob(job.id ?? '');
          if (seen?.finishedOn !== undefined) return seen.returnvalue as { outcome: string; because: string };
          await sleep(100);
        }
      }),
    );
    const left = results.filter(({ outcome }) => outcome === 'left');
    expect(results.filter(({ outcome }) => outcome === 'started')).toHaveLength(1);
    expect(left).toHaveLength(1);
    expect(left[0]?.because).toMatch(/is under way since|the hour .* is done: run/);
    while ((await newestRuns(dataset.pipeline.db, 5)).some((run) => run.finished_at === null)) await sleep(50);
    expect(await newestRuns(dataset.pipeline.db, 5)).toMatchObject([{ status: 'succeeded', rows_new: rowsOf(1) }]);
    await expectUndisturbed({ dataset }, files);
  });
}

describe('one run at a time', () => {
  sideBySide(undisturbed, {
    'a zombie that wakes with the transaction of apply open changes nothing, says why it leaves, and ends without a stack':
      (files) => wakeZombie('before_commit', files),
    'two once at the same time: one wins, the other says which run is under way, exit 1 without a stack': twoOnce,
    'two workers on one dataset: one run at a time, each step once, each event once': twoWorkers,
    "a person's click at the hour's tick: one run wins, the other says why it left": clickAtTick,
  });
});
