import { DelayedError, type Job, UnrecoverableError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { messageOf, TillcastError } from '../core/errors.ts';
import { retryDelayMs } from './queues.ts';

/** What a job tells while it works: a line for its log, and how far it is (0 to 100). */
export type JobReport = (line: string, percent?: number) => void;

/** A result that asks to be tried again later instead of ending the job. */
export type TryLater = Readonly<{ tryLaterInMs: number; because: string }>;

export type Processor<Data> = (data: Data, context: { jobId: string; report: JobReport }) => Promise<object | TryLater>;

/** The job will not be tried again: attempts used up, or trying again could not help. */
export type OnLastFailure<Data> = (data: Data, error: Error) => Promise<void>;

/**
 * A worker, one job at a time. Our errors that cannot be mended by trying again end the job at once; progress and
 * log lines go to the job, for the queue UI.
 */
export function openWorker<Data>(
  queueName: string,
  connection: Redis,
  prefix: string,
  processor: Processor<Data>,
  onLastFailure?: OnLastFailure<Data>,
): Worker<Data> {
  const worker = new Worker<Data>(
    queueName,
    async (job, token) => {
      const report: JobReport = (line, percent) => {
        void job.log(line).catch(() => undefined);
        if (percent !== undefined) void job.updateProgress(percent).catch(() => undefined);
      };
      const result = await processor(job.data, { jobId: job.id ?? '', report }).catch((error: unknown) => {
        throw asQueueError(error);
      });
      if ('tryLaterInMs' in result) {
        report(result.because);
        await job.moveToDelayed(Date.now() + result.tryLaterInMs, token);
        throw new DelayedError();
      }
      return result;
    },
    // Parsing and hashing yield between blocks, far below the lock; PostgreSQL fences whatever is run twice.
    {
      connection,
      prefix,
      concurrency: 1,
      lockDuration: 60_000,
      stalledInterval: 30_000,
      maxStalledCount: 3,
      settings: { backoffStrategy: retryDelayMs },
    },
  );
  worker.on('error', () => undefined);
  worker.on('failed', (job: Job<Data> | undefined, error) => {
    if (job === undefined || onLastFailure === undefined) return;
    const last = error instanceof UnrecoverableError || job.attemptsMade >= (job.opts.attempts ?? 1);
    if (last) onLastFailure(job.data, error).catch(() => undefined);
  });
  return worker;
}

/** BullMQ keeps message and stack alone; the cause stays for our own log. */
function asQueueError(error: unknown): Error {
  if (!(error instanceof TillcastError)) return error instanceof Error ? error : new Error(messageOf(error));
  if (error.retryable) return error;
  return Object.assign(new UnrecoverableError(error.message), { cause: error });
}
