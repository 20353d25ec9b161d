import { once } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { verify } from '../../jobs/verify.ts';
import { query } from '../../lib/postgres/pool.ts';
import { type CommandProcess, runCommandProcess, spawnCommand } from '../support/commandProcess.ts';
import { dataFiles } from '../support/dataFiles.ts';
import { openTestDataset, type TestDataset } from '../support/dataset.ts';
import { changeHeader, changes, counts, withDataset } from './dataFixture.ts';

let dataset: TestDataset;
let following: CommandProcess[] = [];

beforeEach(async () => {
  dataset = await openTestDataset({ PARTITIONS: '6' });
});

afterEach(async () => {
  for (const child of following) child.kill('SIGKILL');
  following = [];
  await dataset.close();
});

/** Starts `npm run follow`; what it says is kept in `said`. */
function startFollowing(env: Record<string, string> = {}) {
  const child = spawnCommand(dataset, 'jobs/followCommand.ts', [], { PUBLISH_SECONDS: '2', ...env });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => said.push(text));
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  following.push(child);
  return { child, ended, said: () => said.join('') };
}

async function until(what: string, holds: () => Promise<boolean>, tell: () => string): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (await holds().catch(() => false)) return;
    await sleep(100);
  }
  throw new Error(`${what} did not come true:\n${tell()}`);
}

const eventCount = async () => {
  const [row] = await query<{ count: number }>(dataset.pipeline.db, 'SELECT count(*) FROM inventory_event');
  return Number(row?.count);
};

const publishedEvents = async () => dataset.rows('combined.csv').length;

/** Lines of a day: item by item, one sale each. */
const day = (store: number, date: string, items: number, from = 0) =>
  Array.from(
    { length: items },
    (_, at) => `{${date}-${from + at}},${from + at + 1},${store},${date} 10:${10 + (at % 50)},-1,1`,
  );

/** What one clean hour makes of the same folder. */
async function cleanLoad(): Promise<Map<string, string>> {
  const outputDir = mkdtempSync(join(tmpdir(), 'tillcast-clean-'));
  try {
    return await withDataset({ PARTITIONS: '6', OUTPUT_DIR: outputDir }, async (clean) => {
      await runCommandProcess(clean, 'jobs/onceCommand.ts', ['--input', dataset.inputDir]);
      return dataFiles(outputDir);
    });
  } finally {
    rmSync(outputDir, { recursive: true, force: true });
  }
}

describe('npm run follow', () => {
  test('counts rows as files grow, publishes, and ends at Ctrl-C with all of it published', async () => {
    dataset.write('inventory_snapshot_1.csv', counts('1,7,1,2026-01-01 08:00,9'));
    dataset.write('inventory_change_1.csv', changes(...day(1, '2026-01-05', 40)));
    const { child, ended, said } = startFollowing();
    await until('the first publication', async () => (await publishedEvents()) >= 41, said);
    appendFileSync(join(dataset.inputDir, 'inventory_change_1.csv'), `${day(1, '2026-01-06', 30).join('\n')}\n`);
    await until('the appended rows', async () => (await eventCount()) >= 71, said);
    dataset.write(
      'inventory_change_2.csv',
      `${changeHeader}\n${day(2, '2026-01-06', 5).join('\n')}\n{bad},x,2,2026-01-06 10:00,-1,1\n`,
    );
    await until('the new file', async () => (await eventCount()) >= 76, said);
    child.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
    expect(said()).toContain('stopped; what was counted is kept');

    expect(dataFiles(dataset.outputDir)).toEqual(await cleanLoad());
    expect(dataset.rows('rejected_rows.csv')).toMatchObject([{ file: 'inventory_change_2.csv', line: '7' }]);
    expect(await verify(dataset.pipeline, () => undefined)).toMatchObject({ ok: true });
    const runs = await query<Record<string, number | string>>(
      dataset.pipeline.db,
      `SELECT trigger, status, sum(rows_new)::int AS rows_new, sum(rows_read - rows_new - rows_duplicate - rows_rejected)::int AS unexplained
       FROM run GROUP BY 1, 2`,
    );
    expect(runs).toEqual([{ trigger: 'follow', status: 'succeeded', rows_new: await eventCount(), unexplained: 0 }]);
    const latency = dataset.rows('latency.csv');
    expect(latency.reduce((rows, batch) => rows + Number(batch.rows), 0)).toBe(await eventCount());
  });

  test.each(['before_commit', 'commit_sent', 'after_commit', 'after_send', 'mid_mirror', 'before_run_info'])(
    'killed at %s, the next one goes on and all figures are those of one clean load',
    async (point) => {
      dataset.write('inventory_change_1.csv', changes(...day(1, '2026-01-05', 60)));
      const killed = startFollowing({ FAIL_AT: point });
      expect(await killed.ended).toEqual([null, 'SIGKILL']);
      appendFileSync(join(dataset.inputDir, 'inventory_change_1.csv'), `${day(1, '2026-01-06', 20).join('\n')}\n`);
      const next = startFollowing();
      await until('all rows published', async () => (await publishedEvents()) === 80, next.said);
      next.child.kill('SIGINT');
      expect(await next.ended).toEqual([0, null]);
      expect(dataFiles(dataset.outputDir)).toEqual(await cleanLoad());
      expect(await verify(dataset.pipeline, () => undefined)).toMatchObject({ ok: true });
    },
  );

  test('two processes share the partitions, one is killed, and each row counts once', async () => {
    dataset.write('inventory_change_1.csv', changes(...day(1, '2026-01-05', 60)));
    const one = startFollowing();
    await until('the first publication', async () => (await publishedEvents()) >= 60, one.said);
    const two = startFollowing();
    const append = async (date: string, rounds: number) => {
      for (let round = 0; round < rounds; round += 1) {
        const lines = day(1, date, 50, round * 50).join('\n');
        appendFileSync(join(dataset.inputDir, 'inventory_change_1.csv'), `${lines}\n`);
        await sleep(300);
      }
    };
    await until('the second one at work', async () => two.said().includes('following'), two.said);
    await append('2026-01-06', 12);
    one.child.kill('SIGKILL');
    await append('2026-01-07', 6);
    await until('all rows published', async () => (await publishedEvents()) === 60 + 18 * 50, two.said);
    two.child.kill('SIGINT');
    expect(await two.ended).toEqual([0, null]);
    expect(dataFiles(dataset.outputDir)).toEqual(await cleanLoad());
    expect(await verify(dataset.pipeline, () => undefined)).toMatchObject({ ok: true });
  });

  test('while it counts, once is told which run is under way', async () => {
    dataset.write('inventory_change_1.csv', changes(...day(1, '2026-01-05', 5)));
    const { said } = startFollowing({ PUBLISH_SECONDS: '600' });
    await until('the rows', async () => (await eventCount()) === 5, said);
    const end = await runCommandProcess(dataset, 'jobs/onceCommand.ts');
    expect(end.code).toBe(1);
    expect(end.stderr).toMatch(/ETL_RUN_OPEN: run \d{8}T\d{6}Z-follow is under way/);
  });
});
