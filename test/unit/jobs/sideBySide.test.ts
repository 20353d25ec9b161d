import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { sideBySide } from '../../../jobs/sideBySide.ts';

describe('two pieces of work side by side', () => {
  test('give both results, in their order', async () => {
    expect(await sideBySide(sleep(5, 'a'), Promise.resolve(2))).toEqual(['a', 2]);
  });

  test('are both over when the first failure is thrown, which was told at once', async () => {
    let ended = false;
    const told: unknown[] = [];
    const slow = sleep(20).then(() => {
      ended = true;
      throw new Error('second');
    });
    const failing = sleep(1).then(() => {
      throw new Error('first');
    });
    await expect(sideBySide(slow, failing, (error) => told.push((error as Error).message))).rejects.toThrow('first');
    expect(ended).toBe(true);
    expect(told).toEqual(['first', 'second']);
  });
});
