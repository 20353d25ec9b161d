import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { inLanes } from '../../../jobs/inLanes.ts';

test('results stand in the order of their items, and no more than so many are under way', async () => {
  let underWay = 0;
  let most = 0;
  const results = await inLanes([5, 1, 4, 2, 3], 2, async (turns) => {
    underWay += 1;
    most = Math.max(most, underWay);
    for (let left = turns; left > 0; left -= 1) await turn();
    underWay -= 1;
    return `${turns}`;
  });
  expect(results).toEqual(['5', '1', '4', '2', '3']);
  expect(most).toBe(2);
  expect(await inLanes([], 2, async () => 1)).toEqual([]);
});

test('after a failure none is begun, and the error waits for those under way', async () => {
  const begun: number[] = [];
  let ended = false;
  const work = inLanes([0, 1, 2, 3], 2, async (item) => {
    begun.push(item);
    await turn();
    if (item === 0) throw new Error('no');
    for (let left = 5; left > 0; left -= 1) await turn();
    ended = true;
  });
  await expect(work).rejects.toThrow('no');
  expect([begun, ended]).toEqual([[0, 1], true]);
});
