import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { childEnvironment } from '../../config/settings.ts';
import type { OnceSummary } from '../../jobs/once.ts';
import { partitionOffsets } from '../../lib/kafka/topics.ts';
import { changeHeader, changes, expectRowsAddUp, withDataset } from '../e2e/dataFixture.ts';
import { forgetQueues } from '../e2e/dataKillFixture.ts';
import type { TestDataset } from '../support/dataset.ts';

const minute = 60_000;
const pairs = 200;

/** `once` in a process of its own; gives its last line and the most memory that it held. */
async function onceMeasured(dataset: TestDataset): Promise<{ run: OnceSummary; peakMegabytes: number }> {
  const { ended, output, peakMegabytes } = await measured(dataset);
  expect([ended, output.slice(-200)]).toEqual([0, expect.stringContaining('"run_id"')]);
  return { run: JSON.parse(output.trim().split('\n').at(-1) ?? '') as OnceSummary, peakMegabytes };
}

async function measured(dataset: TestDataset, env: Record<string, string> = {}) {
  const { urls, inputDir } = dataset.pipeline;
  const child = spawn(process.execPath, ['--import', 'tsx', 'jobs/onceCommand.ts'], {
    cwd: join(import.meta.dirname, '..', '..'),
    env: childEnvironment({
      DATASET: dataset.name,
      INPUT_DIR: inputDir,
      OUTPUT_DIR: dataset.outputDir,
      TILLCAST_HOME: dataset.settings.homeDir,
      SETTLE_SECONDS: '0',
      COMBINED_DAYS: '1',
      KAFKA_BROKERS: urls.kafkaBrokers,
      POSTGRES_URL: urls.postgresUrl,
      MONGODB_URL: urls.mongodbUrl,
      REDIS_URL: urls.redisUrl,
      ...env,
    }),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  let peakMegabytes = 0;
  const watch = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      peakMegabytes = Math.max(peakMegabytes, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
    } catch {
      // It ended.
    }
  }, 200);
  const [code, signal] = await once(child, 'close');
  clearInterval(watch);
  return { ended: (signal ?? code) as string | number, output, peakMegabytes };
}

/** Lines of `pairs` pairs over a year, one unit each, each another transaction. */
async function writeRows(path: string, rows: number): Promise<void> {
  const file = createWriteStream(path);
  file.write(`${changeHeader}\n`);
  for (let from = 0; from < rows; from += 10_000) {
    let text = '';
    for (let at = from; at < Math.min(rows, from + 10_000); at += 1) {
      const [month, day] = [1 + (at % 12), 1 + (Math.floor(at / 12) % 28)];
      text += `{${at}},${at % pairs},1,${month}/${day}/2025 ${at % 24}:00,-1,1\n`;
    }
    if (!file.write(text)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
}

test(
  '10 million rows in one file go through the producer (only 2 million through the whole hour): all are in Kafka, in less than 1.2 GB of memory',
  async () => {
    await withDataset({}, async (dataset) => {
      await writeRows(join(dataset.inputDir, 'inventory_change_a.csv'), 10_000_000);
      const { ended, peakMegabytes } = await measured(dataset, { FAIL_AT: 'after_produce' });
      await forgetQueues(dataset);
      expect(ended).toBe('SIGKILL');
      const offsets = await partitionOffsets(dataset.pipeline.kafka, await dataset.pipeline.topic());
      expect(offsets.reduce((sum, { low, highWatermark }) => sum + highWatermark - low, 0n)).toBe(10_000_000n);
      // Lines are counted by 9 bytes a slot (occurrences.ts): 150 MB at ten million, half as much again while the table grows.
      process.stdout.write(`10 million rows: at most ${Math.round(peakMegabytes)} MB\n`);
      expect(peakMegabytes).toBeLessThan(1_200);
    });
  },
  40 * minute,
);

const rows = 2_000_000;
test(
  '2 million rows in one file go through the whole hour: right counts, in less than 700 MB of memory, the second hour reads nothing',
  async () => {
    await withDataset({ COMBINED_DAYS: '1' }, async (dataset) => {
      await writeRows(join(dataset.inputDir, 'inventory_change_a.csv'), rows);
      const { run, peakMegabytes } = await onceMeasured(dataset);
      expect(run).toMatchObject({ status: 'succeeded', rows_read: rows, rows_new: rows, pairs_changed: pairs });
      const deltas = dataset.rows('delta_quantity.csv').map((row) => Number(row.delta_quantity));
      expect(deltas).toEqual(Array.from({ length: pairs }, () => -rows / pairs));
      process.stdout.write(`2 million rows: ${run.seconds} s, at most ${Math.round(peakMegabytes)} MB\n`);
      expect(peakMegabytes).toBeLessThan(700);
      const again = await onceMeasured(dataset);
      expect(again.run).toMatchObject({ status: 'succeeded', files: 0, rows_read: 0 });
    });
  },
  40 * minute,
);

const files = 10_000;
test(
  '10,000 small files are read in one hour, each row once, and hours without news read none of them',
  async () => {
    await withDataset({ COMBINED_DAYS: '0' }, async (dataset) => {
      for (let at = 0; at < files; at += 1) {
        const name = `inventory_change_${String(at).padStart(5, '0')}.csv`;
        const lines = [0, 1].map((n) => `{${at}-${n}},${at % 50},1,11/3/2025 10:00,-1,1`);
        writeFileSync(join(dataset.inputDir, name), changes(...lines));
      }
      const first = await onceMeasured(dataset);
      expect(first.run).toMatchObject({ status: 'succeeded', files, rows_read: 2 * files, rows_new: 2 * files });
      expectRowsAddUp(first.run);
      // The first hour closed a day, so the second compares each file whole; the third has nothing to look at but names.
      const [second, third] = [await onceMeasured(dataset), await onceMeasured(dataset)];
      for (const { run } of [second, third]) expect(run).toMatchObject({ status: 'succeeded', files: 0, rows_read: 0 });
      const seconds = [first, second, third].map(({ run }) => `${run.seconds} s`);
      process.stdout.write(`10,000 files: ${seconds.join(', ')}; at most ${Math.round(first.peakMegabytes)} MB\n`);
      const deltas = dataset.rows('delta_quantity.csv').map((row) => Number(row.delta_quantity));
      expect(deltas).toEqual(Array.from({ length: 50 }, () => (-2 * files) / 50));
    });
  },
  20 * minute,
);
