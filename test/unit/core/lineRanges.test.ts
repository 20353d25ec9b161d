import { describe, expect, test } from '@jest/globals';
import { lineRanges } from '../../../lib/core/lineRanges.ts';

describe('lines to withdraw', () => {
  test.each([
    ['7', [{ from: 7, to: 7 }]],
    ['10-20', [{ from: 10, to: 20 }]],
    [
      ' 3 , 10 - 12 ',
      [
        { from: 3, to: 3 },
        { from: 10, to: 12 },
      ],
    ],
  ])('%j are read', (text, expected) => {
    expect(lineRanges(text)).toEqual(expected);
  });

  test.each(['', '1', '0', '20-10', '3,', '-5', '5-', 'a', '3.5', '2-1'])('%j is no list of lines', (text) => {
    expect(lineRanges(text)).toBeUndefined();
  });
});
