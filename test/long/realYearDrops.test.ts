import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { failPoints } from '../../config/failPoints.ts';
import { verify } from '../../jobs/verify.ts';
import { newestRuns, type Run } from '../../lib/postgres/ledger.ts';
import { query } from '../../lib/postgres/pool.ts';
import { stepsOf } from '../../lib/postgres/runSteps.ts';
import { queuePrefix, redisConnection } from '../../lib/queue/connection.ts';
import { shuffled } from '../e2e/dataFixture.ts';
import { dataFiles } from '../support/dataFiles.ts';
import { openTestDataset, type TestDataset } from '../support/dataset.ts';
import { type HalfRunReader, startHalfRunReader } from '../support/halfRunReader.ts';
import { random } from '../support/seededRandom.ts';
import { type KillAt, onceKilled } from './onceKilled.ts';
import { realYear, yearDrops } from './yearDrops.ts';

const minute = 60_000;
const rows = 581_587;
const drops = 50;
const kills = 20;
const seed = 4;
const present = existsSync(realYear);
if (!present) process.stdout.write(`skipped: the real year is not at ${realYear}\n`);
const onRealYear = present ? test : test.skip;
const print = (line: string) => process.stdout.write(`${line}\n`);

const opened: TestDataset[] = [];
let reader: HalfRunReader | undefined;

afterEach(async () => {
  await reader?.stop();
  reader = undefined;
  for (const dataset of opened.splice(0)) {
    // A killed `once` cannot clear its queue.
    const redis = redisConnection(dataset.pipeline.urls.redisUrl);
    const keys = await redis.keys(`${queuePrefix(dataset.name)}*`);
    if (keys.length > 0) await redis.del(...keys);
    redis.disconnect();
    await dataset.close();
  }
});

async function dataset(): Promise<TestDataset> {
  const fresh = await openTestDataset();
  opened.push(fresh);
  return fresh;
}

/** The data files of one clean load. */
async function cleanLoad(): Promise<ReadonlyMap<string, string>> {
  const whole = await dataset();
  for (const name of readdirSync(realYear)) whole.write(name, readFileSync(join(realYear, name)));
  expect(await whole.hour()).toMatchObject({ status: 'succeeded', rows_new: rows });
  print(`one clean load: ${await secondsBySteps(whole)}`);
  return dataFiles(whole.outputDir);
}

/** What the newest run took, step by step, each at its last attempt. */
async function secondsBySteps(of: TestDataset): Promise<string> {
  const [run] = (await newestRuns(of.pipeline.db, 1)) as [Run];
  const taken = (await stepsOf(of.pipeline.db, run.run_seq)).map(({ step, started_at, finished_at }) => {
    const seconds = (Number(finished_at) - Number(started_at)) / 1000;
    return `${step} ${finished_at === null ? 'killed' : seconds.toFixed(1)}`;
  });
  return `${run.rows_read} rows read, ${run.rows_new} new, seconds: ${taken.join(', ')}`;
}

/** PostgreSQL notices a killed client within a second or so, which is less than a person's next command takes. */
async function untilBackendsGone(of: TestDataset): Promise<void> {
  const { db } = of.pipeline;
  const text = `SELECT FROM pg_stat_activity a JOIN run r ON a.application_name = split_part(r.holder, '#', 1)
                WHERE r.finished_at IS NULL`;
  for (const until = Date.now() + minute; (await query(db, text)).length > 0; await sleep(100)) {
    if (Date.now() > until) throw new Error('a killed process still has a connection');
  }
}

onRealYear(
  'the real year as 50 drops with overlaps, shuffles and late rows, the worker killed 20 times: the files of one clean load, no half-run seen',
  async () => {
    const expected = await cleanLoad();
    const year = await dataset();
    for (const name of readdirSync(realYear).filter((name) => /^(item|store|inventory_change_type)/.test(name))) {
      year.write(name, readFileSync(join(realYear, name)));
    }
    const { db, urls } = year.pipeline;
    const seen = startHalfRunReader(urls.postgresUrl, db.schema, year.outputDir, 1_000);
    reader = seen;
    const next = random(seed);
    const points = shuffled(failPoints, next);
    const startedAt = Date.now();
    let killed = 0;
    let delivered = 0;
    for (const [index, deliver] of yearDrops(drops, seed).entries()) {
      const { fresh, again } = deliver(year);
      delivered += fresh;
      // Two of five drops at first; where a run ended before its kill came, a later one is killed instead.
      const killAt: KillAt =
        killed % 2 === 0 ? { point: points[(killed / 2) % points.length] ?? '' } : { afterMs: 4_000 * next() };
      const due = killed < kills && next() < (kills - killed) / (drops - 1 - index);
      if (due && (await onceKilled(year, killAt))) {
        killed += 1;
        print(`drop ${index + 1}: ${fresh} lines, ${again} again: killed ${JSON.stringify(killAt)}`);
        await untilBackendsGone(year);
      } else if (!due) {
        expect(await year.hour()).toMatchObject({ status: 'succeeded' });
        print(`drop ${index + 1}: ${fresh} lines, ${again} again: ${await secondsBySteps(year)}`);
      }
    }
    expect(delivered).toBe(rows);
    expect(await year.hour()).toMatchObject({ status: 'succeeded' });
    print(`${drops} drops in ${Math.round((Date.now() - startedAt) / 1000)} s, ${killed} kills`);
    expect(killed).toBe(kills);
    const { polls, halfRuns } = await seen.stop();
    print(`the reader looked ${polls} times`);
    expect(halfRuns).toEqual([]);
    expect(polls).toBeGreaterThan(drops);

    const got = dataFiles(year.outputDir);
    expect([...got.keys()]).toEqual([...expected.keys()]);
    for (const [name, text] of expected) expect(got.get(name) === text ? 'equal' : `${name} differs`).toBe('equal');
    const verified = await verify(year.pipeline, () => undefined);
    expect(verified).toMatchObject({ ok: true, listed: [], events: rows });
  },
  40 * minute,
);
