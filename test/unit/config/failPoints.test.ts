import { describe, expect, test } from '@jest/globals';
import { parseFailAt } from '../../../config/failPoints.ts';

describe('FAIL_AT', () => {
  test.each([
    ['mid_file', { point: 'mid_file', nth: 1, signal: 'SIGKILL' }],
    ['mid_csv@12', { point: 'mid_csv', nth: 12, signal: 'SIGKILL' }],
    ['before_commit:stop', { point: 'before_commit', nth: 1, signal: 'SIGSTOP' }],
    ['mid_mirror@2:stop', { point: 'mid_mirror', nth: 2, signal: 'SIGSTOP' }],
  ])('%s says where, at which pass and how', (text, expected) => {
    expect(parseFailAt(text)).toEqual(expected);
  });

  test.each(['nowhere', 'mid_file@0', 'mid_file:kill', 'mid_file@', ''])('%s is refused', (text) => {
    expect(parseFailAt(text)).toBeUndefined();
  });
});
