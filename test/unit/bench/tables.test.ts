import { expect, test } from '@jest/globals';
import { markdownTable, spread } from '../../../bench/tables.ts';

test('numbers stand right, with thousands commas and three decimals; texts stand left', () => {
  const table = markdownTable(
    ['index', 'rows', 'time'],
    [
      ['none', 6000000, '0.43 s'],
      ['covering', 12.34567, '−2 ms'],
    ],
  );
  expect(table).toBe(
    [
      '| index    |      rows |   time |',
      '| -------- | --------: | -----: |',
      '| none     | 6,000,000 | 0.43 s |',
      '| covering |    12.346 |  −2 ms |',
    ].join('\n'),
  );
});

test('a bar or a line break in a cell does not break the table, and what is missing is an empty cell', () => {
  const lines = markdownTable(['a', 'b'], [['x|y', 'two\nlines'], ['z', null], []]).split('\n');
  expect(lines.slice(2)).toEqual(['| x\\|y | two lines |', '| z    |           |', '|      |           |']);
});

test('a column of numbers and text stands left, one of numbers and gaps right', () => {
  expect(
    markdownTable(
      ['mixed', 'gaps'],
      [
        [1, 2],
        ['2 of 3 rows', null],
      ],
    ).split('\n')[1],
  ).toBe('| ----------- | ---: |');
});

test('median and 95th percentile do not depend on the order and leave the values as they are', () => {
  const values = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect(spread(values)).toEqual({ median: 50.5, p95: 95.05 });
  expect(values[0]).toBe(100);
  expect(spread([7])).toEqual({ median: 7, p95: 7 });
});
