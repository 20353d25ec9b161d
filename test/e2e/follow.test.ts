import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { verify } from '../../jobs/verify.ts';
import { openProducer } from '../../lib/kafka/eventProducer.ts';
import { ensureTopic } from '../../lib/kafka/topics.ts';
import { leadRounds } from '../../lib/postgres/heldRun.ts';
import { claimRun, finishRun, openRun, type Run } from '../../lib/postgres/ledger.ts';
import { query } from '../../lib/postgres/pool.ts';
import { runCommandProcess } from '../support/commandProcess.ts';
import { dataFiles } from '../support/dataFiles.ts';
import { openTestDataset, type TestDataset } from '../support/dataset.ts';
import { changeHeader, changes, counts } from './dataFixture.ts';
import { cleanLoad, dayLines, eventCount, type Following, startFollowing, until } from './followFixture.ts';

let dataset: TestDataset;
let following: Following[] = [];

beforeEach(async () => {
  dataset = await openTestDataset({ PARTITIONS: '6' });
});

afterEach(async () => {
  for (const { child } of following) child.kill('SIGKILL');
  following = [];
  await dataset.close();
});

function start(env: Record<string, string> = {}): Following {
  const one = startFollowing(dataset, env);
  following.push(one);
  return one;
}

describe('npm run follow', () => {
  test('counts rows as files grow, publishes, and ends at Ctrl-C with all of it published', async () => {
    dataset.write('inventory_snapshot_1.csv', counts('1,7,1,2026-01-01 08:00,9'));
    dataset.write('inventory_change_1.csv', changes(...dayLines(1, '2026-01-05', 40)));
    const { child, ended, said } = start();
    await until('the first publication', async () => dataset.rows('combined.csv').length >= 41, said);
    appendFileSync(join(dataset.inputDir, 'inventory_change_1.csv'), `${dayLines(1, '2026-01-06', 30).join('\n')}\n`);
    await until('the appended rows', async () => (await eventCount(dataset)) >= 71, said);
    dataset.write(
      'inventory_change_2.csv',
      `${changeHeader}\n${dayLines(2, '2026-01-06', 5).join('\n')}\n{bad},x,2,2026-01-06 10:00,-1,1\n`,
    );
    await until('the new file', async () => (await eventCount(dataset)) >= 76, said);
    child.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
    expect(said()).toContain('stopped; what was counted is kept');

    expect(dataFiles(dataset.outputDir)).toEqual(await cleanLoad(dataset));
    expect(dataset.rows('rejected_rows.csv')).toMatchObject([{ file: 'inventory_change_2.csv', line: '7' }]);
    expect(await verify(dataset.pipeline, () => undefined)).toMatchObject({ ok: true });
    const runs = await query<Record<string, number | string>>(
      dataset.pipeline.db,
      `SELECT trigger, status, sum(rows_new)::int AS rows_new, sum(rows_read - rows_new - rows_duplicate - rows_rejected)::int AS unexplained
       FROM run GROUP BY 1, 2`,
    );
    expect(runs).toEqual([
      { trigger: 'follow', status: 'succeeded', rows_new: await eventCount(dataset), unexplained: 0 },
    ]);
    const latency = dataset.rows('latency.csv');
    expect(latency.reduce((rows, batch) => rows + Number(batch.rows), 0)).toBe(await eventCount(dataset));
  });

  test('two processes share the partitions, one is killed, and each row counts once', async () => {
    dataset.write('inventory_change_1.csv', changes(...dayLines(1, '2026-01-05', 60)));
    const one = start();
    await until('the first publication', async () => dataset.rows('combined.csv').length >= 60, one.said);
    const two = start();
    const append = async (date: string, rounds: number) => {
      for (let round = 0; round < rounds; round += 1) {
        const lines = dayLines(1, date, 50, round * 50).join('\n');
        appendFileSync(join(dataset.inputDir, 'inventory_change_1.csv'), `${lines}\n`);
        await sleep(300);
      }
    };
    await until('the second one at work', async () => two.said().includes('following'), two.said);
    await append('2026-01-06', 12);
    one.child.kill('SIGKILL');
    await append('2026-01-07', 6);
    await until('all rows published', async () => dataset.rows('combined.csv').length === 60 + 18 * 50, two.said);
    two.child.kill('SIGINT');
    expect(await two.ended).toEqual([0, null]);
    expect(dataFiles(dataset.outputDir)).toEqual(await cleanLoad(dataset));
    expect(await verify(dataset.pipeline, () => undefined)).toMatchObject({ ok: true });
  });

  test('counts rows for a run that its holder leads, and leaves one that was taken up to whoever finishes it', async () => {
    const { db, kafka, holder, topic } = dataset.pipeline;
    const { said } = start();
    await until('it at work', async () => said().includes('following'), said);
    const opening = await openRun(db, { runId: 'held', trigger: 'follow', slot: null, covers: [] });
    if (!('opened' in opening)) throw new Error('another run is open');
    const run = await claimRun(db, 'held', `${holder}#test`);
    await ensureTopic(kafka, await topic(), 6);
    const producer = await openProducer(kafka, await topic());
    const event = {
      ...({ kind: 'change', eventId: randomUUID(), storeId: 1, itemId: 1, dateTime: '2026-01-05 10:00:00' } as const),
      ...{ quantity: -1, changeTypeId: 1, transId: 'a', employeeId: '', leadingZeros: false },
    };
    await producer.send([{ event, from: { file: 'a.csv', line: 2 } }]);
    await producer.flush();
    await producer.close();
    await sleep(2_000);
    expect(await eventCount(dataset)).toBe(0);
    await leadRounds(db, run as Run);
    await until('the row', async () => (await eventCount(dataset)) === 1, said);
    await finishRun(db, 'held', 'succeeded', null, `${holder}#test`);
  });

  test('while it counts, once is told which run is under way', async () => {
    dataset.write('inventory_change_1.csv', changes(...dayLines(1, '2026-01-05', 5)));
    const { said } = start({ PUBLISH_SECONDS: '600' });
    await until('the rows', async () => (await eventCount(dataset)) === 5, said);
    const end = await runCommandProcess(dataset, 'jobs/onceCommand.ts');
    expect(end.code).toBe(1);
    expect(end.stderr).toMatch(/ETL_RUN_OPEN: run \d{8}T\d{6}Z-follow is under way/);
  });
});
