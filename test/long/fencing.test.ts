import { describe } from '@jest/globals';
import { undisturbed } from '../e2e/dataKillFixture.ts';
import { wakeZombie } from '../e2e/fencingFixture.ts';
import { sideBySide } from '../support/sideBySide.ts';

type Files = ReadonlyMap<string, string>;

const points = ['mid_file', 'mid_read', 'mid_mirror', 'before_mirror_flag', 'mid_csv', 'before_rename', 'mid_rename'];
const title = (point: string) =>
  `a zombie that wakes at ${point} changes nothing, says why it leaves, and ends without a stack`;

describe('one run at a time', () => {
  sideBySide(
    undisturbed,
    Object.fromEntries(points.map((point) => [title(point), (files: Files) => wakeZombie(point, files)])),
  );
});
