import { beforeAll, describe, test } from '@jest/globals';
import { failPoints } from '../../config/failPoints.ts';
import { killAndRecover, undisturbed } from '../e2e/dataKillFixture.ts';

describe('a run that is killed at', () => {
  let files: ReadonlyMap<string, string>;

  beforeAll(async () => {
    files = await undisturbed();
  });

  test.each(failPoints)('%s is taken up by the next once, and gives the data files of an undisturbed run', (point) =>
    killAndRecover(point, files),
  );

  test.each([
    'mid_read',
    'before_commit',
    'before_commit@2',
    'before_commit@3',
    'commit_sent',
    'commit_sent@2',
    'commit_sent@3',
  ])(
    '%s with rows in two lanes is taken up by the next once, and gives the data files of an undisturbed run',
    (point) => killAndRecover(point, files, { LANE_ROWS: '1' }),
  );
});
