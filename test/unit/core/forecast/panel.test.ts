import { expect, test } from '@jest/globals';
import { type SeriesFigures, SeriesSum } from '../../../../lib/core/forecast/panel.ts';

const no = Number.NaN;
const row = (...values: number[]) => Float32Array.from(values);

/** Three past origins and the present; what came of the present is not known. */
function series(figures: Partial<SeriesFigures>): SeriesFigures {
  const nothing = row(no, no, no, no);
  return {
    actual: { current_month: nothing, next_month: nothing },
    planning: { current_month: nothing, next_month: nothing },
    rest: { current_month: nothing, next_month: nothing },
    sold: nothing,
    runRate: nothing,
    linear: nothing,
    last: nothing,
    mean: nothing,
    classes: row(0, 0, 0, 0),
    months: row(),
    ...figures,
  };
}

test('a sum holds what was forecast where it is known what came, and all of the present', () => {
  const sum = new SeriesSum(4);
  const both = (values: Float32Array) => ({ current_month: values, next_month: values });
  sum.add(series({ actual: both(row(1, 2, 3, no)), planning: both(row(1.5, 2.5, 3.5, 4.5)), last: row(9, 8, 7, 6) }));
  // New since the first origin, its store silent in the third.
  sum.add(
    series({ actual: both(row(10, 20, no, no)), planning: both(row(no, 21, 31, 41)), last: row(no, 22, 32, 42) }),
  );
  const { actual, planning, last, classes } = sum.figures([3, 2, 1, 0], 1);
  expect([...actual.next_month]).toEqual([11, 22, 3, no]);
  expect([...planning.next_month]).toEqual([1.5, 23.5, 3.5, 45.5]);
  expect([...planning.current_month]).toEqual([...planning.next_month]);
  expect([...last]).toEqual([9, 30, 7, 48]);
  expect([...classes]).toEqual([no, no, no, no]);
});

test('months of series that began at other times are added from the newest back, and make the trend of the sum', () => {
  const sum = new SeriesSum(4);
  sum.add(series({ months: row(4, 6) }));
  sum.add(series({ months: row(10, 20, 30, 40) }));
  sum.add(series({ months: row() }));
  const { months, linear } = sum.figures([3, 2, 1, 0], 1);
  expect([...months]).toEqual([10, 20, 34, 46]);
  // Of 10; of 10 and 20, two ahead; 10, 20, 34 rise by 12 a month: 64/3 + 3 × 12; all four by 12.2: 27.5 + 3.5 × 12.2.
  expect(linear[0]).toBeNaN();
  expect(linear[1]).toBeCloseTo(40, 4);
  expect(linear[2]).toBeCloseTo(64 / 3 + 36, 4);
  expect(linear[3]).toBeCloseTo(70.2, 4);
});
