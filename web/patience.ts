import { setTimeout as sleep } from 'node:timers/promises';
import { TillcastError } from '../lib/core/errors.ts';

/**
 * The result of `work`, or a sentence when it takes longer than a person waits for a page.
 * @throws TillcastError ETL_SERVICES, retryable, with `sentence`
 */
export async function withPatience<T>(work: Promise<T>, ms: number, sentence: string): Promise<T> {
  const stop = new AbortController();
  const late = sleep(ms, undefined, { signal: stop.signal }).then(() => {
    throw new TillcastError('ETL_SERVICES', sentence, { retryable: true });
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    stop.abort();
    late.catch(() => undefined);
    work.catch(() => undefined);
  }
}
