import { expect, test } from '@jest/globals';
import type { SeriesFigures } from '../../../../lib/core/forecast/panel.ts';
import { ScoreBoard } from '../../../../lib/core/forecast/scoreBoard.ts';

const no = Number.NaN;
const row = (...values: number[]) => Float32Array.from(values);
const months = { target: { current_month: [100, 101, 102], next_month: [101, 102, 103] }, back: [2, 1, 0] };

/** Two past origins: 10 and 20 came, the planning forecast was 12 and 18, last month 15 and unknown. */
const figures: SeriesFigures = {
  actual: { current_month: row(no, no, no), next_month: row(10, 20, no) },
  planning: { current_month: row(no, no, 5), next_month: row(12, 18, 30) },
  rest: { current_month: row(no, no, 5), next_month: row(12, 18, 30) },
  sold: row(0, 0, 0),
  runRate: row(no, no, no),
  linear: row(no, no, no),
  last: row(15, no, 40),
  mean: row(10, 20, 30),
  classes: row(4, 0, 0),
  months: row(2, 6, 4, 8, 4),
};

const board = new ScoreBoard(0.9, months);
board.add(figures, 'next_month', [{ lower: 11, upper: 14 }, { lower: 9, upper: 20 }, undefined]);
board.add(figures, 'current_month', [undefined, undefined, undefined]);
const find = (demandClass: string, model: string, month?: number) =>
  board.rows.find((one) => one.class === demandClass && one.model === model && one.month === month);

test('a model is scored over all months, in each, and in each class', () => {
  const names = board.rows.map((one) => [one.class, one.month ?? 'all', one.model].join(' ')).sort();
  expect(names).toEqual(
    [
      ['planning', 'mean_28d'].flatMap((model) =>
        ['all all', 'all 101', 'all 102', 'smooth all', 'sparse all'].map((group) => `${group} ${model}`),
      ),
      ['all all', 'all 101', 'sparse all'].map((group) => `${group} last_month`),
    ]
      .flat()
      .sort(),
  );
});

test('its figures are of its own forecasts', () => {
  // Changes 4 and 2 known at the first origin, 4, 2 and 4 at the second.
  expect(find('all', 'planning')).toMatchObject({
    n: 2,
    origins: 2,
    wape: 4 / 30,
    bias: 0,
    mase: (2 / 3 + 2 / (10 / 3)) / 2,
    coverage: 0.5,
  });
  expect(find('all', 'planning', 101)).toMatchObject({ n: 1, wape: 0.2, bias: 0.2, coverage: 0 });
  expect(find('smooth', 'planning')).toMatchObject({ n: 1, wape: 0.1, bias: -0.1, coverage: 1 });
  expect(find('all', 'last_month')).toMatchObject({ n: 1, wape: 0.5, coverage: undefined });
});

test('skill is against another model on the forecasts that both made', () => {
  // Last month's error is 5 where that of planning is 2; the second forecast has no rival.
  expect(find('all', 'planning')?.skill.last_month).toBeCloseTo(0.6, 10);
  expect(find('all', 'last_month')?.skill.mean_28d).toBeUndefined();
  // Nothing is better than no error, and nobody is told to be infinitely worse.
  expect(find('all', 'planning')?.skill.mean_28d).toBeUndefined();
  expect(find('all', 'mean_28d')?.skill.last_month).toBe(1);
  expect(find('all', 'planning')?.skill.linear).toBeUndefined();
});
