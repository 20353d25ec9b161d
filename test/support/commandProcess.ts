import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { childEnvironment } from '../../config/settings.ts';
import type { TestDataset } from './dataset.ts';

export type CommandEnd = Readonly<{
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}>;

/** A command as an operator starts it, on a test dataset: `runCommandProcess(dataset, 'jobs/onceCommand.ts')`. */
export function runCommandProcess(
  dataset: TestDataset,
  program: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<CommandEnd> {
  const { urls, inputDir } = dataset.pipeline;
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...args], {
    cwd: join(import.meta.dirname, '..', '..'),
    env: childEnvironment({
      DATASET: dataset.name,
      INPUT_DIR: inputDir,
      OUTPUT_DIR: dataset.outputDir,
      TILLCAST_HOME: dataset.settings.homeDir,
      SETTLE_SECONDS: '0',
      PARTITIONS: String(dataset.settings.partitions),
      KAFKA_BROKERS: urls.kafkaBrokers,
      POSTGRES_URL: urls.postgresUrl,
      MONGODB_URL: urls.mongodbUrl,
      REDIS_URL: urls.redisUrl,
      ...env,
    }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
