import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { startAdopting } from '../../jobs/adopt.ts';
import { openStations } from '../../jobs/stations.ts';
import { verify } from '../../jobs/verify.ts';
import { newestRuns, type Run } from '../../lib/postgres/ledger.ts';
import { openDatabase, query } from '../../lib/postgres/pool.ts';
import { queuePrefix, redisConnection } from '../../lib/queue/connection.ts';
import { openQueues, type Queues } from '../../lib/queue/queues.ts';
import { dataFiles } from '../support/dataFiles.ts';
import { openTestDataset, type TestDataset } from '../support/dataset.ts';
import type { TestServices } from '../support/services.ts';
import { changes, counts, mixedLines } from './dataFixture.ts';

const { change, count } = mixedLines(3, 240);

/** A worker that stays, as `npm start` has one, and somebody who looks at it past every outage. */
export type Resident = Readonly<{
  dataset: TestDataset;
  queues: Queues;
  /** Called with each line that a job says. */
  onLine: { call: ((line: string) => void) | undefined };
  /** A person starts a run; resolves when it is over, however long that takes. */
  run(): Promise<Run>;
  newest(): Promise<Run | undefined>;
}>;

/** `used` are the addresses that the worker has; `direct` those of the servers themselves. */
export async function withResident<T>(
  used: TestServices,
  direct: TestServices,
  work: (resident: Resident) => Promise<T>,
  env: Record<string, string> = {},
): Promise<T> {
  const dataset = await openTestDataset({ PARTITIONS: '2', ...env }, used);
  const observer = openDatabase(direct.postgresUrl, dataset.name, 'observer');
  const queues = openQueues(redisConnection(direct.redisUrl), queuePrefix(dataset.name));
  const onLine: Resident['onLine'] = { call: undefined };
  const say = (line: string) => {
    dataset.said.push(line);
    onLine.call?.(line);
  };
  const adopting = startAdopting(dataset.pipeline, say);
  const stations = await openStations(dataset.pipeline, queuePrefix(dataset.name), say);
  let lastSeq = 0;
  // An observer of a server that is killed meets the outage too, and looks again.
  const newest = async () => (await newestRuns(observer, 1).catch(() => []))[0];
  try {
    return await work({
      dataset,
      queues,
      onLine,
      newest,
      async run() {
        await queues.door.add('run', {});
        for (;;) {
          await sleep(100);
          const run = await newest();
          if (run === undefined || run.run_seq <= lastSeq || run.finished_at === null) continue;
          lastSeq = run.run_seq;
          return run;
        }
      },
    });
  } finally {
    await stations.close();
    await adopting.close();
    for (const queue of [queues.door, queues.produce, queues.consume]) {
      await queue.obliterate({ force: true }).catch(() => undefined);
    }
    await queues.close();
    await dataset.close();
    await observer.close();
  }
}

/** Delivers the first `share` of the same rows that the undisturbed hours of dataKillFixture load. */
export function deliver({ dataset }: Pick<Resident, 'dataset'>, share: number): void {
  dataset.write('inventory_change_a.csv', changes(...change.slice(0, Math.round(change.length * share))));
  dataset.write('inventory_snapshot_a.csv', counts(...count.slice(0, Math.round(count.length * share))));
}

export const rowsOf = (share: number) => Math.round(change.length * share) + Math.round(count.length * share);

/** PostgreSQL, MongoDB and the files agree with each other, and the files with those of undisturbed hours. */
export async function expectUndisturbed(
  { dataset }: Pick<Resident, 'dataset'>,
  files: ReadonlyMap<string, string>,
): Promise<void> {
  expect(await verify(dataset.pipeline, () => undefined)).toMatchObject({ ok: true, listed: [] });
  expect(dataFiles(dataset.outputDir)).toEqual(files);
  const [counted] = await query<{ rows: number }>(dataset.pipeline.db, 'SELECT sum(rows_new)::int AS rows FROM run');
  expect(counted?.rows).toBe(rowsOf(1));
  expect(dataset.rows('run_info.csv')[0]).toMatchObject({ state: 'complete' });
}

/** How a service goes away and comes back. */
export type Outage = Readonly<{ away(): Promise<void> | void; back(): Promise<void> | void; ms: number }>;

/**
 * A service goes away before a run, during the next (when `during` is said) and after it. Each run ends well by itself.
 */
export async function surviveOutages(resident: Resident, outage: Outage, during: RegExp): Promise<Run[]> {
  const takeAway = async () => {
    await outage.away();
    await sleep(outage.ms);
    await outage.back();
  };
  deliver(resident, 0.25);
  const runs = [await resident.run()];

  deliver(resident, 0.5);
  await outage.away();
  const before = resident.run();
  await sleep(outage.ms);
  await outage.back();
  runs.push(await before);

  deliver(resident, 0.75);
  let taken: Promise<void> | undefined;
  resident.onLine.call = (line) => {
    if (during.test(line)) taken ??= takeAway();
  };
  runs.push(await resident.run());
  resident.onLine.call = undefined;
  expect(taken).toBeDefined();
  await taken;

  await takeAway();
  deliver(resident, 1);
  runs.push(await resident.run());
  return runs;
}

export const ended = (runs: readonly Run[]) =>
  runs.map((run) => [run.trigger, run.status.replace('_with_warnings', ''), run.rows_new]);

/** What `surviveOutages` ends with where nothing is lost or doubled. */
export const allWell = [0.25, 0.5, 0.75, 1].map((share, at, shares) => [
  'hand',
  'succeeded',
  rowsOf(share) - (at === 0 ? 0 : rowsOf(shares[at - 1] ?? 0)),
]);
