import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { repair } from '../../jobs/repair.ts';
import { renewTopic } from '../../jobs/replay.ts';
import { verify } from '../../jobs/verify.ts';
import { dropTopics } from '../../lib/kafka/topics.ts';
import { allDocuments, openMirror } from '../../lib/mongo/mirror.ts';
import { newestRuns } from '../../lib/postgres/ledger.ts';
import { changes, counts, mixedLines } from '../e2e/dataFixture.ts';
import { runCommandProcess } from '../support/commandProcess.ts';
import { dataFiles } from '../support/dataFiles.ts';
import { openTestDataset, type TestDataset } from '../support/dataset.ts';
import { testServices } from '../support/services.ts';
import { type OwnHome, openOwnHome } from './ownHome.ts';
import { openPostgresWithTools, type PostgresWithTools, postgresTools } from './ownPostgres.ts';

const minute = 60_000;
const { change, count } = mixedLines(9, 300);
const half = Math.floor(change.length / 2);
const laterRows = change.length - half + count.length;
const quiet = () => undefined;

let home: OwnHome | undefined;
let postgres: PostgresWithTools | undefined;
let dataset: TestDataset | undefined;

afterEach(async () => {
  const [closing, servers] = [dataset, [home, postgres]];
  dataset = home = postgres = undefined;
  try {
    await closing?.close();
  } finally {
    for (const one of servers) await one?.close();
  }
});

/** The hour before the backup, and the one after it, which the restored PostgreSQL does not know. */
async function hourBefore(of: TestDataset): Promise<void> {
  of.write('inventory_change_a.csv', changes(...change.slice(0, half)));
  expect(await of.hour()).toMatchObject({ status: 'succeeded', rows_new: half });
}

async function hourAfter(of: TestDataset): Promise<ReadonlyMap<string, string>> {
  of.write('inventory_change_a.csv', changes(...change));
  of.write('inventory_snapshot_b.csv', counts(...count));
  expect(await of.hour()).toMatchObject({ status: 'succeeded', rows_new: laterRows });
  return dataFiles(of.outputDir);
}

/** What docs/backup.md says to do after a restore, as an operator gives it. */
async function verifyAndRepair(of: TestDataset): Promise<void> {
  expect(await verify(of.pipeline, quiet)).toMatchObject({ ok: false, events: half });
  const { code, stdout } = await runCommandProcess(of, 'jobs/verifyCommand.ts', ['--repair']);
  expect([code, JSON.parse(stdout.trim().split('\n').at(-1) ?? '')]).toMatchObject([0, { ok: true }]);
}

/** Everything agrees and the files are those of before the loss. */
async function expectMadeGood(of: TestDataset, files: ReadonlyMap<string, string>): Promise<void> {
  expect(await verify(of.pipeline, quiet)).toMatchObject({ ok: true, listed: [] });
  expect(dataFiles(of.outputDir)).toEqual(files);
}

/** MongoDB tells of the runs that PostgreSQL holds, and of no others. */
async function expectSameRuns(of: TestDataset): Promise<void> {
  expect(await documentRuns(of)).toEqual(await appliedRuns(of));
}

async function documentRuns(of: TestDataset): Promise<string[]> {
  const mirror = await openMirror(of.pipeline.urls.mongodbUrl, of.name);
  try {
    const ids: string[] = [];
    for await (const { _id } of allDocuments(mirror, 'run')) ids.push(_id);
    return ids.sort();
  } finally {
    await mirror.close();
  }
}

async function appliedRuns(of: TestDataset): Promise<string[]> {
  const runs = await newestRuns(of.pipeline.db, 100);
  return runs.flatMap(({ run_id, applied_at }) => (applied_at === null ? [] : [run_id])).sort();
}

describe('cold copies of .tillcast, taken before the last hour', () => {
  test(
    'all four services restored: verify tells that the CSVs are newer, and one run makes everything equal',
    async () => {
      home = await openOwnHome();
      dataset = await openTestDataset({}, home.urls);
      await hourBefore(dataset);
      await home.backUp();
      const files = await hourAfter(dataset);
      await home.restore(['kafka', 'postgres', 'mongodb', 'redis']);
      expect(await verify(dataset.pipeline, quiet)).toMatchObject({ ok: false, events: half });
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: laterRows, rows_duplicate: 0 });
      await expectMadeGood(dataset, files);
      await expectSameRuns(dataset);
    },
    10 * minute,
  );

  test(
    'PostgreSQL alone restored, and the exports gone: verify --repair makes MongoDB and CSVs anew and reads Kafka again from PostgreSQL’s own offsets',
    async () => {
      home = await openOwnHome();
      dataset = await openTestDataset({}, home.urls);
      await hourBefore(dataset);
      await home.backUp();
      const files = await hourAfter(dataset);
      await home.restore(['postgres']);
      for (const name of ['inventory_change_a.csv', 'inventory_snapshot_b.csv']) rmSync(join(dataset.inputDir, name));
      await verifyAndRepair(dataset);
      await expectMadeGood(dataset, files);
      await expectSameRuns(dataset);
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_read: 0, rows_new: 0 });
      await expectMadeGood(dataset, files);
    },
    10 * minute,
  );

  test(
    'PostgreSQL alone restored, and the exports still there: rows come twice, from Kafka and from the files, and count once',
    async () => {
      home = await openOwnHome();
      dataset = await openTestDataset({}, home.urls);
      await hourBefore(dataset);
      await home.backUp();
      const files = await hourAfter(dataset);
      await home.restore(['postgres']);
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: laterRows });
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_read: 0 });
      await expectMadeGood(dataset, files);
      // Totals are right by now; documents of the run that the older PostgreSQL never heard of are still there.
      await repair(dataset.pipeline, false, quiet);
      await expectMadeGood(dataset, files);
      await expectSameRuns(dataset);
    },
    10 * minute,
  );

  test(
    'PostgreSQL restored, Kafka’s topic lost: the run stops and names replay --new-topic, which makes everything equal',
    async () => {
      home = await openOwnHome();
      dataset = await openTestDataset({}, home.urls);
      const { pipeline } = dataset;
      await hourBefore(dataset);
      await home.backUp();
      const files = await hourAfter(dataset);
      await home.restore(['postgres']);
      await dropTopics(pipeline.kafka, dataset.name);
      expect(await dataset.hour()).toMatchObject({ status: 'failed', rows_new: 0 });
      expect(dataset.rows('run_info.csv')[0]?.reason).toContain('npm run replay -- --new-topic');
      await renewTopic(pipeline, quiet);
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_read: 0 });
      await expectMadeGood(dataset, files);
    },
    10 * minute,
  );
});

const tools = postgresTools();
if ('missing' in tools) process.stdout.write(`skipped: pg_dump and pg_restore: ${tools.missing}\n`);
const withTools = 'folder' in tools ? test : test.skip;

withTools(
  'one dataset’s schema by pg_dump, restored by pg_restore after a later hour: verify --repair makes everything equal',
  async () => {
    postgres = await openPostgresWithTools('folder' in tools ? tools.folder : '');
    dataset = await openTestDataset({}, { ...testServices(), postgresUrl: postgres.url });
    const { schema } = dataset.pipeline.db;
    const folder = mkdtempSync(join(tmpdir(), 'tillcast-dump-'));
    try {
      const dump = join(folder, 'dataset.dump');
      await hourBefore(dataset);
      postgres.tool('pg_dump', '-Fc', '-n', schema, '-f', dump);
      const files = await hourAfter(dataset);
      postgres.tool('psql', '-q', '-c', `DROP SCHEMA ${schema} CASCADE`);
      postgres.tool('pg_restore', '--exit-on-error', dump);
      await verifyAndRepair(dataset);
      await expectMadeGood(dataset, files);
      await expectSameRuns(dataset);
      expect(await dataset.hour()).toMatchObject({ status: 'succeeded', rows_new: 0 });
      await expectMadeGood(dataset, files);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  10 * minute,
);
