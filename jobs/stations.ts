import { messageOf, TillcastError } from '../lib/core/errors.ts';
import { answers, endConnection, redisConnection } from '../lib/queue/connection.ts';
import type { EtlRunData, StepData } from '../lib/queue/jobData.ts';
import { openQueues, type Queues, queueNames } from '../lib/queue/queues.ts';
import { openWorker } from '../lib/queue/workers.ts';
import { within } from './patience.ts';
import type { Pipeline } from './pipeline.ts';
import { startRun } from './run.ts';
import { consumeRun, failRun, produceRun } from './runs.ts';

const closePatienceMs = 5_000;

/** The three workers of a dataset, with the queues that they serve. */
export type Stations = Readonly<{ queues: Queues; close(): Promise<void> }>;

/**
 * Opens door, producer and consumer workers in this process. `say` gets every line that a job logs. Waits for a Redis
 * that is away, for `patienceMs` where given.
 * @throws TillcastError ETL_SERVICES
 */
export async function openStations(
  pipeline: Pipeline,
  prefix: string,
  say: (line: string) => void,
  patienceMs?: number,
): Promise<Stations> {
  const { redisUrl } = pipeline.urls;
  const queues = openQueues(redisConnection(redisUrl), prefix);
  const connection = redisConnection(redisUrl);
  const both = (jobReport: (line: string, percent?: number) => void) => (line: string, percent?: number) => {
    jobReport(line, percent);
    if (percent === undefined || line.includes(' ')) say(line);
  };
  const leaveIfHeld = async (work: Promise<object>) => work.catch(leaveWhenHeld);
  const door = openWorker<EtlRunData>(queueNames.door, connection, prefix, (data, { report }) =>
    startRun(pipeline, queues, data, new Date(), both(report)),
  );
  const fail = (data: StepData, error: Error) => failRun(pipeline, data.run_id, error);
  const produce = openWorker<StepData>(
    queueNames.produce,
    connection,
    prefix,
    (data, { report }) => leaveIfHeld(produceRun(pipeline, data.run_id, both(report))),
    fail,
  );
  const consume = openWorker<StepData>(
    queueNames.consume,
    connection,
    prefix,
    (data, { report }) => leaveIfHeld(consumeRun(pipeline, data.run_id, both(report))),
    fail,
  );
  const stations: Stations = {
    queues,
    async close() {
      // A job that runs is waited for; a Redis that is away is not.
      const silent = (await within(closePatienceMs, answers(connection))) !== true;
      const closed = Promise.allSettled([door.close(silent), produce.close(silent), consume.close(silent)]);
      while ((await within(closePatienceMs, closed)) === undefined) {
        if ((await within(closePatienceMs, answers(connection))) !== true) break;
      }
      await queues.close();
      endConnection(connection);
    },
  };
  const ready = Promise.all([door.waitUntilReady(), produce.waitUntilReady(), consume.waitUntilReady()]);
  if (patienceMs === undefined) await ready;
  else if ((await within(patienceMs, ready)) === undefined) {
    void stations.close();
    throw new TillcastError(
      'ETL_SERVICES',
      `Redis, which holds the queue, has not answered for ${Math.round(patienceMs / 1000)} s: start it, then give the ` +
        'same command again; nothing was begun',
      { retryable: true },
    );
  }
  return stations;
}

/** A run that another process works on is looked at again later, not failed: a stalled job leaves to the adopter. */
function leaveWhenHeld(error: unknown) {
  if (error instanceof TillcastError && error.code === 'ETL_RUN_OPEN' && error.retryable) {
    return { tryLaterInMs: 5_000, because: messageOf(error) };
  }
  throw error;
}
