import { test } from '@jest/globals';
import { deliveredAtOnce, deliveredInDrops, world } from '../e2e/anyOrderFixture.ts';

test.each([11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22])(
  'late and repeated events give the data files of one delivery, whatever the order, the splits and the repeats (world %i)',
  async (seed) => {
    const atoms = world(seed, 600);
    const files = await deliveredAtOnce(atoms);
    for (const drops of [seed, seed + 100, seed + 200]) await deliveredInDrops(drops, atoms, files);
  },
  300_000,
);
