import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Papa from 'papaparse';
import { parseSettings, type Settings } from '../../config/settings.ts';
import { type OnceSummary, runOnce } from '../../jobs/once.ts';
import { openPipeline, type Pipeline } from '../../jobs/pipeline.ts';
import { dropTopics } from '../../lib/kafka/topics.ts';
import { dropMirror, openMirror } from '../../lib/mongo/mirror.ts';
import { dropDataset } from '../../lib/postgres/migrate.ts';
import { type TestServices, testServices } from './services.ts';

export type CsvRow = Readonly<Record<string, string>>;

/** A dataset of its own on the real servers, with its own input and output folders; `close` forgets all of it. */
export type TestDataset = Readonly<{
  name: string;
  inputDir: string;
  outputDir: string;
  settings: Settings;
  pipeline: Pipeline;
  /** Lines that jobs said. */
  said: string[];
  write(file: string, text: string | Buffer): void;
  /** One whole hour through queue and workers of its own. */
  hour(): Promise<OnceSummary>;
  /** Rows of an output file by column name. */
  rows(file: string): CsvRow[];
  text(file: string): string;
  close(): Promise<void>;
}>;

/**
 * A dataset of its own on the servers of this test run, or on `services` (a proxy, a server of its own). Files count as
 * settled at once, so that no test waits.
 */
export async function openTestDataset(
  env: Record<string, string> = {},
  services: TestServices = testServices(),
): Promise<TestDataset> {
  const name = `t_${randomUUID().slice(0, 8)}`;
  const folder = mkdtempSync(join(tmpdir(), 'tillcast-test-'));
  const inputDir = join(folder, 'input');
  const outputDir = env.OUTPUT_DIR ?? join(folder, 'output');
  mkdirSync(inputDir);
  const settings = parseSettings({
    DATASET: name,
    OUTPUT_DIR: outputDir,
    TILLCAST_HOME: join(folder, 'home'),
    SETTLE_SECONDS: '0',
    PARTITIONS: '3',
    ...env,
  });
  const pipeline = await openPipeline(settings, services, inputDir);
  const said: string[] = [];
  const text = (file: string) => readFileSync(join(outputDir, file), 'utf8');
  return {
    name,
    inputDir,
    outputDir,
    settings,
    pipeline,
    said,
    write: (file, content) => writeFileSync(join(inputDir, file), content),
    hour: () => runOnce(pipeline, (line) => said.push(line)),
    rows: (file) => Papa.parse<CsvRow>(text(file).replace('\ufeff', ''), { header: true, skipEmptyLines: true }).data,
    text,
    async close() {
      await dropTopics(pipeline.kafka, name).catch(() => undefined);
      const mirror = await openMirror(pipeline.urls.mongodbUrl, name);
      await dropMirror(mirror).finally(() => mirror.close());
      await dropDataset(pipeline.db);
      await pipeline.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
