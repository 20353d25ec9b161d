import { Redis } from 'ioredis';

const copies = new WeakMap<Redis, Redis[]>();

/** One Redis connection for queues or workers; waits for a lost server instead of giving up (BullMQ asks for it). */
export function redisConnection(url: string): Redis {
  const redis = new Redis(url, {
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(200 * times, 3_000),
  });
  // Each use reports its own failure; an unheard error event would end the process.
  redis.on('error', () => undefined);
  // A worker waits for jobs on a copy of its connection, which it cannot close while Redis is away.
  const made: Redis[] = [];
  const duplicate = redis.duplicate.bind(redis);
  redis.duplicate = (override) => {
    const copy = duplicate(override);
    made.push(copy);
    return copy;
  };
  copies.set(redis, made);
  return redis;
}

/** Settles with true once Redis answers on this connection; may wait for ever. */
export async function answers(redis: Redis): Promise<boolean> {
  return redis.ping().then(
    () => true,
    () => false,
  );
}

/** Ends a connection and its copies at once, also one that tries in vain to reach its server. */
export function endConnection(redis: Redis): void {
  for (const one of [redis, ...(copies.get(redis) ?? [])]) {
    // For one that is closed already ioredis would wait two seconds, and the process with it.
    if (one.status !== 'end') one.disconnect();
  }
}

/** Where a dataset's queues live in Redis; `own` sets a run of its own apart. */
export function queuePrefix(dataset: string, own?: string): string {
  return own === undefined ? `tillcast-${dataset}` : `tillcast-${dataset}-${own}`;
}
