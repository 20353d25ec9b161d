import { readSettings } from '../config/settings.ts';
import { messageOf } from '../lib/core/errors.ts';
import { queuePrefix } from '../lib/queue/connection.ts';
import { startAdopting } from './adopt.ts';
import { logLine } from './logLine.ts';
import { openPipeline } from './pipeline.ts';
import { openStations } from './stations.ts';
import './steadyHeap.ts';

/** A running step gets so long to end by itself at SIGTERM; what it leaves, the next start resumes. */
const graceMs = 20_000;

/**
 * The worker process: serves the three queues of a dataset and takes up runs that a dead worker left. Its supervisor
 * (`start`) hands the addresses of the services and the input folder in the environment.
 */
async function work(): Promise<void> {
  const settings = readSettings();
  const { kafkaBrokers, postgresUrl, mongodbUrl, redisUrl, inputDir } = settings;
  if (!kafkaBrokers || !postgresUrl || !mongodbUrl || !redisUrl || !inputDir) {
    throw new Error(
      'the worker needs KAFKA_BROKERS, POSTGRES_URL, MONGODB_URL, REDIS_URL and INPUT_DIR; npm start sets them',
    );
  }
  const pipeline = await openPipeline(settings, { kafkaBrokers, postgresUrl, mongodbUrl, redisUrl }, inputDir);
  // Before the queue: a run that was left is gone on with also while Redis is away.
  const adopting = startAdopting(pipeline, logLine);
  const opening = openStations(pipeline, queuePrefix(settings.dataset), logLine);
  let closing = false;
  const close = async () => {
    if (closing) return;
    closing = true;
    setTimeout(() => {
      logLine('the running step takes too long to wait for: the next start goes on from it');
      process.exit(0);
    }, graceMs).unref();
    await (await opening).close();
    await adopting.close();
    await pipeline.close();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void close());
  // The supervisor is gone: a worker alone would hold the run for nobody.
  process.on('disconnect', () => void close());
  await opening;
}

work().catch((error: unknown) => {
  logLine(`worker: ${messageOf(error)}`);
  process.exit(1);
});
