import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestDataset } from './dataset.ts';

/** `npm start` as a process of its own on a test dataset. `lines` grows while it runs. */
export type StartProcess = Readonly<{
  child: ChildProcess;
  lines: string[];
  /** Waits until a line matches; fails with all lines after `patienceMs`. */
  saw(pattern: RegExp, patienceMs: number): Promise<string>;
  /** Ctrl-C, and waits for the end. */
  stop(): Promise<number | null>;
}>;

/** Starts jobs/start.ts with the dataset's servers and folders; `env` comes on top. */
export function startProcess(dataset: TestDataset, env: Record<string, string>): StartProcess {
  const { kafkaBrokers, postgresUrl, mongodbUrl, redisUrl } = dataset.pipeline.urls;
  const child = spawn(process.execPath, ['--import', 'tsx', 'jobs/start.ts'], {
    env: {
      ...process.env,
      DATASET: dataset.name,
      INPUT_DIR: dataset.inputDir,
      OUTPUT_DIR: dataset.outputDir,
      TILLCAST_HOME: dataset.settings.homeDir,
      SETTLE_SECONDS: '0',
      PARTITIONS: '3',
      PORT: '0',
      KAFKA_BROKERS: kafkaBrokers,
      POSTGRES_URL: postgresUrl,
      MONGODB_URL: mongodbUrl,
      REDIS_URL: redisUrl,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const keep = (chunk: Buffer) => lines.push(...chunk.toString('utf8').split('\n').filter(Boolean));
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return {
    child,
    lines,
    async saw(pattern, patienceMs) {
      const until = Date.now() + patienceMs;
      for (;;) {
        const line = lines.find((candidate) => pattern.test(candidate));
        if (line !== undefined) return line;
        if (Date.now() > until || child.exitCode !== null) {
          throw new Error(`no line like ${pattern} in ${patienceMs} ms:\n${lines.join('\n')}`);
        }
        await sleep(100);
      }
    },
    async stop() {
      if (child.exitCode === null) child.kill('SIGINT');
      return ended;
    },
  };
}
