import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { UnderWay } from '../../../jobs/underWay.ts';

test('no more than so many are under way, and the end waits for all', async () => {
  const underWay = new UnderWay(2);
  let now = 0;
  let most = 0;
  let ended = 0;
  const work = async (turns: number) => {
    now += 1;
    most = Math.max(most, now);
    for (let left = turns; left > 0; left -= 1) await turn();
    now -= 1;
    ended += 1;
  };
  for (const turns of [5, 1, 4, 2, 3]) await underWay.add(work(turns));
  await underWay.end();
  expect([most, ended]).toEqual([2, 5]);
});

test('a failure that comes while nobody waits is thrown at the next piece of work', async () => {
  const underWay = new UnderWay(3);
  await underWay.add(Promise.reject(new Error('no')));
  for (let left = 5; left > 0; left -= 1) await turn();
  await expect(underWay.add(Promise.resolve())).rejects.toThrow('no');
});

test('or at the end, when the others are done', async () => {
  const underWay = new UnderWay(3);
  let done = false;
  await underWay.add(Promise.reject(new Error('no')));
  await underWay
    .add(
      (async () => {
        for (let left = 5; left > 0; left -= 1) await turn();
        done = true;
      })(),
    )
    .catch(() => undefined);
  await expect(underWay.end()).rejects.toThrow('no');
  expect(done).toBe(true);
});
