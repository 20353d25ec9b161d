import { beforeAll, describe, expect, test } from '@jest/globals';
import { failPoints } from '../../config/failPoints.ts';
import { killAndRecover, undisturbed } from './dataKillFixture.ts';

/** One of each kind: rows in Kafka only, applied, half mirrored, files half replaced. test/long has all. */
const points = ['after_send', 'after_commit', 'before_mirror_flag', 'before_rename'];

/** Of two lanes the first has counted its rows; both have, and the run's step has not ended. */
const lanePoints = ['before_commit@2', 'commit_sent@3'];

describe('a run that is killed', () => {
  let files: ReadonlyMap<string, string>;

  beforeAll(async () => {
    files = await undisturbed();
  });

  test('is taken up by the next once, and gives the data files of an undisturbed run', async () => {
    expect(failPoints).toEqual(expect.arrayContaining(points));
    await Promise.all(points.map((point) => killAndRecover(point, files)));
  });

  test('between the lanes in which many rows are counted loses nothing and counts nothing twice', async () => {
    await Promise.all(lanePoints.map((point) => killAndRecover(point, files, { LANE_ROWS: '1' })));
  });
});
