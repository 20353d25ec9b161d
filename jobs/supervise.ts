import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { childEnvironment, type Settings } from '../config/settings.ts';
import { logLine } from './logLine.ts';
import type { Pipeline } from './pipeline.ts';

const restartMs = 1_000;
const maxRestartMs = 30_000;
const stopPatienceMs = 25_000;

/** Keeps a worker process running: one that dies is started again, slower each time until it stays up a minute. */
export function superviseWorker(pipeline: Pipeline): { pid(): number | undefined; close(): Promise<void> } {
  let child: ChildProcess | undefined;
  let closing = false;
  let waitMs = restartMs;
  let timer: NodeJS.Timeout | undefined;

  const start = () => {
    const startedAt = Date.now();
    child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(new URL('worker.ts', import.meta.url))], {
      env: childEnvironment(workerEnvironment(pipeline.settings, pipeline)),
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      // A group of its own, so that Ctrl-C reaches it through us and in order.
      detached: true,
    });
    child.once('exit', (code, signal) => {
      child = undefined;
      if (closing) return;
      waitMs = Date.now() - startedAt > 60_000 ? restartMs : Math.min(waitMs * 2, maxRestartMs);
      logLine(
        `the worker ended (${signal ?? `exit ${code}`}): starting it again; its run goes on from the step not done`,
      );
      timer = setTimeout(start, waitMs);
    });
  };
  start();

  return {
    pid: () => child?.pid,
    async close() {
      closing = true;
      clearTimeout(timer);
      const running = child;
      if (running === undefined) return;
      const ended = new Promise<void>((resolve) => running.once('exit', () => resolve()));
      running.kill('SIGTERM');
      const kill = setTimeout(() => running.kill('SIGKILL'), stopPatienceMs);
      await ended;
      clearTimeout(kill);
    },
  };
}

function workerEnvironment(settings: Settings, pipeline: Pipeline) {
  const { urls } = pipeline;
  return {
    DATASET: settings.dataset,
    INPUT_DIR: pipeline.inputDir,
    OUTPUT_DIR: settings.outputDir,
    KAFKA_BROKERS: urls.kafkaBrokers,
    POSTGRES_URL: urls.postgresUrl,
    MONGODB_URL: urls.mongodbUrl,
    REDIS_URL: urls.redisUrl,
  };
}
