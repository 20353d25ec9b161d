import { Redis } from 'ioredis';

/** One Redis connection for queues or workers; waits for a lost server instead of giving up (BullMQ asks for it). */
export function redisConnection(url: string): Redis {
  const redis = new Redis(url, {
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(200 * times, 3_000),
  });
  // Each use reports its own failure; an unheard error event would end the process.
  redis.on('error', () => undefined);
  return redis;
}

/** Where a dataset's queues live in Redis; `own` sets a run of its own apart. */
export function queuePrefix(dataset: string, own?: string): string {
  return own === undefined ? `tillcast-${dataset}` : `tillcast-${dataset}-${own}`;
}
