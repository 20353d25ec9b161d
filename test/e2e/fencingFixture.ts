import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { startAdopting } from '../../jobs/adopt.ts';
import { newestRuns } from '../../lib/postgres/ledger.ts';
import { queuePrefix, redisConnection } from '../../lib/queue/connection.ts';
import { spawnCommand } from '../support/commandProcess.ts';
import { dataFiles } from '../support/dataFiles.ts';
import type { TestDataset } from '../support/dataset.ts';
import { withDataset } from './dataFixture.ts';
import { deliver, expectUndisturbed, rowsOf } from './outageFixture.ts';

export type Process = Readonly<{
  child: ChildProcess;
  lines: string[];
  ended: Promise<number | NodeJS.Signals | null>;
}>;

/** `jobs/worker.ts` or `jobs/onceCommand.ts` as an operator's process on the dataset. */
export function startJob(
  dataset: TestDataset,
  script: 'worker' | 'onceCommand',
  env: Record<string, string> = {},
): Process {
  const child = spawnCommand(dataset, `jobs/${script}.ts`, [], env);
  const lines: string[] = [];
  const keep = (chunk: Buffer) => lines.push(...chunk.toString('utf8').split('\n').filter(Boolean));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(signal ?? code));
  });
  return { child, lines, ended };
}

/** Waits until the process has stopped itself (state T). */
export async function stopped({ child, lines }: Process): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`it ended instead of stopping:\n${lines.join('\n')}`);
    const stat = readFileSync(`/proc/${child.pid}/stat`, 'latin1');
    if (stat.slice(stat.lastIndexOf(')') + 2).startsWith('T')) return;
    await sleep(50);
  }
}

/** Runs `work` on a dataset of its own, and forgets the queues that killed processes could not clear. */
export async function withFencing(work: (dataset: TestDataset) => Promise<void>): Promise<void> {
  await withDataset({ PARTITIONS: '2' }, async (dataset) => {
    try {
      await work(dataset);
    } finally {
      const redis = redisConnection(dataset.pipeline.urls.redisUrl);
      const keys = await redis.keys(`${queuePrefix(dataset.name)}*`);
      if (keys.length > 0) await redis.del(...keys);
      redis.disconnect();
    }
  });
}

/** A fault of ours prints a stack; a process that leaves says a sentence. */
export function expectNoStack(lines: readonly string[]): void {
  expect(lines.filter((line) => /^\s+at |A fault in tillcast/.test(line))).toEqual([]);
}

/**
 * A `once` that is stopped at `point` for longer than its lease; another process completes the run, and the next hour.
 * Woken, it changes nothing, says why it leaves, and ends without a stack.
 */
export async function wakeZombie(point: string, files: ReadonlyMap<string, string>): Promise<void> {
  await withFencing(async (dataset) => {
    deliver({ dataset }, 0.5);
    expect(await dataset.hour()).toMatchObject({ status: 'succeeded' });
    deliver({ dataset }, 0.75);
    const zombie = startJob(dataset, 'onceCommand', { FAIL_AT: `${point}:stop` });
    const adopting = await stopped(zombie).then(() =>
      startAdopting(dataset.pipeline, (line) => dataset.said.push(line)),
    );
    try {
      for (;;) {
        const [run] = await newestRuns(dataset.pipeline.db, 1);
        if (run?.finished_at != null) {
          expect([point, run]).toMatchObject([point, { status: 'succeeded', rows_new: rowsOf(0.75) - rowsOf(0.5) }]);
          break;
        }
        await sleep(200);
      }
      // A later hour, so that old values or old files of the zombie would show.
      deliver({ dataset }, 1);
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: rowsOf(1) - rowsOf(0.75) });
      const completed = dataFiles(dataset.outputDir);
      zombie.child.kill('SIGCONT');
      // The run that it began is done, so it may end as once does: well, or with the reason why it left.
      expect([point, await zombie.ended, zombie.lines]).toEqual([point, expect.any(Number), expect.any(Array)]);
      expect([point, zombie.lines.join('\n')]).toEqual([
        point,
        expect.stringMatching(
          /taken over by another process|finished by another process|held by .*: this process leaves it/,
        ),
      ]);
      expectNoStack(zombie.lines);
      expect([point, dataFiles(dataset.outputDir)]).toEqual([point, completed]);
      await expectUndisturbed({ dataset }, files);
    } finally {
      zombie.child.kill('SIGKILL');
      await adopting.close();
    }
  });
}
