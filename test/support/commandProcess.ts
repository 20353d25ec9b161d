import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { childEnvironment } from '../../config/settings.ts';
import type { TestDataset } from './dataset.ts';

export type CommandProcess = ChildProcessByStdio<null, Readable, Readable>;

/** Starts a program of the project on a test dataset's servers and folders; `env` comes on top. */
export function spawnCommand(
  dataset: TestDataset,
  program: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): CommandProcess {
  const { urls, inputDir } = dataset.pipeline;
  return spawn(process.execPath, ['--import', 'tsx', program, ...args], {
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
}

export type CommandEnd = Readonly<{
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}>;

/** A command as an operator starts it, to its end: `runCommandProcess(dataset, 'jobs/onceCommand.ts')`. */
export function runCommandProcess(...started: Parameters<typeof spawnCommand>): Promise<CommandEnd> {
  const child = spawnCommand(...started);
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
