import { describe, expect, test } from '@jest/globals';
import { failPoints } from '../../config/failPoints.ts';
import { killAndRecover, undisturbed } from './dataKillFixture.ts';

/** One of each kind: rows in Kafka only, applied, half mirrored, files half replaced. test/long has all. */
const points = ['after_send', 'after_commit', 'before_mirror_flag', 'before_rename'];

describe('a run that is killed', () => {
  test('is taken up by the next once, and gives the data files of an undisturbed run', async () => {
    expect(failPoints).toEqual(expect.arrayContaining(points));
    const files = await undisturbed();
    await Promise.all(points.map((point) => killAndRecover(point, files)));
  });
});
