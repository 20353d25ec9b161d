import { expect, test } from '@jest/globals';
import { holderDeadAfterSeconds } from '../../../lib/postgres/ledger.ts';
import { jobAttempts, retryDelayMs } from '../../../lib/queue/queues.ts';

const delays = Array.from({ length: jobAttempts - 1 }, (_, tries) => retryDelayMs(tries + 1));

test('a failed job is tried again after 1, 2, 4, 8 and then every 15 seconds', () => {
  expect(delays.slice(0, 6)).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
});

test('a service may be away for four minutes, and a run that waits is never taken for abandoned', () => {
  expect(delays.reduce((sum, delay) => sum + delay)).toBeGreaterThanOrEqual(4 * 60_000);
  expect(Math.max(...delays)).toBeLessThan((holderDeadAfterSeconds * 1_000) / 1.5);
});
