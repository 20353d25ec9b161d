import { expect, test } from '@jest/globals';
import { openForecastThreads } from '../../../jobs/forecastThreads.ts';
import { dayNumber } from '../../../lib/core/forecast/calendarDays.ts';
import { blockForecaster, type ForecastTerms } from '../../../lib/core/forecast/forecastBlock.ts';
import { originsOf } from '../../../lib/core/forecast/origins.ts';
import { PairBlockBuilder } from '../../../lib/core/forecast/pairBlock.ts';

const firstDay = dayNumber('2011-01-01');
const asOf = dayNumber('2011-09-11');
const terms: ForecastTerms = {
  origins: originsOf(asOf, firstDay),
  grounds: [{ storeId: 1, firstDay, silent: new Set() }],
  xyzCuts: [0.5, 1],
};

/** Pairs that sell every day: `pairs` × 253 rows. */
function blockOf(pairs: number) {
  const builder = new PairBlockBuilder(() => 14);
  for (let item = 0; item < pairs; item += 1) {
    for (let day = firstDay; day < asOf; day += 1) builder.add(1, item, day, 1 + ((day * (item + 3)) % 5), Number.NaN);
  }
  return builder.take();
}

test('threads give the records that the process itself would, whatever the size of a block, and in its order', async () => {
  const threads = openForecastThreads(terms, 2);
  try {
    const sizes = [100, 2, 90, 1];
    const made = await Promise.all(sizes.map((pairs) => threads.forecast(blockOf(pairs))));
    const here = blockForecaster(terms);
    expect(made).toEqual(sizes.map((pairs) => here(blockOf(pairs))));
  } finally {
    await threads.close();
  }
});

test('a thread that fails fails the blocks that wait for it and those that come later', async () => {
  const broken = { ...terms, xyzCuts: undefined } as unknown as ForecastTerms;
  const threads = openForecastThreads(broken, 1);
  try {
    const failure = {
      code: 'ETL_RUN_FAILED',
      message: expect.stringContaining('a thread that makes forecasts failed: '),
    };
    const both = [threads.forecast(blockOf(100)), threads.forecast(blockOf(100))];
    for (const one of both) one.catch(() => undefined);
    for (const one of both) await expect(one).rejects.toMatchObject(failure);
    await expect(threads.forecast(blockOf(100))).rejects.toMatchObject(failure);
  } finally {
    await threads.close();
  }
});
