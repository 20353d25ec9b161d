import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { refreshForecasts } from '../../jobs/forecastStep.ts';
import { PairBlockBuilder } from '../../lib/core/forecast/pairBlock.ts';
import { markMovedGrounds } from '../../lib/postgres/forecastGrounds.ts';
import { dropRecords, keepRecords } from '../../lib/postgres/forecastScores.ts';
import { refreshCancelledSales } from '../../lib/postgres/forecastState.ts';
import { replaceForecast } from '../../lib/postgres/forecastTables.ts';
import { query } from '../../lib/postgres/pool.ts';
import { type BriefEvent, countEvents, loadDefaultReference } from '../support/countedEvents.ts';
import { openTestDataset, type TestDataset } from '../support/dataset.ts';
import { withHeldRun } from '../support/heldRun.ts';
import { random } from '../support/seededRandom.ts';

const sale = 1;
const quiet = () => undefined;

async function withDataset<T>(
  work: (dataset: TestDataset) => Promise<T>,
  env: Readonly<Record<string, string>> = { LEAD_TIME_DAYS: '3' },
): Promise<T> {
  const dataset = await openTestDataset(env);
  try {
    await loadDefaultReference(dataset);
    return await work(dataset);
  } finally {
    await dataset.close();
  }
}

/** A dataset with such a PLANNING_FILE, whose path `work` is given. */
async function withPlanningFile(text: string, work: (dataset: TestDataset, file: string) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), 'tillcast-planning-'));
  const file = join(folder, 'planning.csv');
  try {
    await writeFile(file, text);
    await withDataset((dataset) => work(dataset, file), { PLANNING_FILE: file });
  } finally {
    await rm(folder, { recursive: true });
  }
}

function refresh(dataset: TestDataset): Promise<number> {
  return withHeldRun(dataset, (run) => refreshForecasts(dataset.pipeline, run, new AbortController().signal, quiet));
}

const day = (number: number) => new Date(Date.UTC(2025, 0, 1 + number)).toISOString().slice(0, 10);

/** Two stores and four items on 300 days, one day in three, more on Fridays; the open day is the last. */
function year(): BriefEvent[] {
  const pick = random(11);
  const events: BriefEvent[] = [];
  for (let number = 0; number < 300; number += 1) {
    for (let pair = 0; pair < 8; pair += 1) {
      if (pick() > (number % 7 === 2 ? 0.8 : 0.3)) continue;
      events.push([`${day(number)} 10:00`, 1 + (pair % 2), 100 + (pair >> 1), -1 - Math.floor(pick() * 5), sale]);
    }
  }
  return [...events, [`${day(300)} 08:00`, 1, 100, -1, sale]];
}

/** All that the outputs tell of the forecast. */
async function told({ pipeline }: TestDataset) {
  const all = (table: string, order: string) => query(pipeline.db, `SELECT * FROM ${table} ORDER BY ${order}`);
  return {
    pairs: await all('forecast_pair', 'store_id, item_id'),
    sums: await all('forecast_sum', 'level, store_id, item_id'),
    accuracy: await all('forecast_accuracy', 'level, class, model, target, month'),
  };
}

describe('the forecast', () => {
  const onTime = year();
  // Each is late for the forecast of the day: in one store's recent days, in a month long over, before all others.
  const late: Readonly<Record<string, BriefEvent>> = {
    'of last week': [`${day(295)} 11:00`, 1, 101, -40, sale],
    'of a month long over': [`${day(120)} 11:00`, 2, 102, -60, sale],
    'before all others': ['2024-06-01 11:00', 2, 103, -2, sale],
  };

  test.each(Object.entries(late))('that a late line %s came under is that of a delivery in time', async (_, line) => {
    const inTime = await withDataset(async (dataset) => {
      await countEvents(dataset, [...onTime, line]);
      expect(await refresh(dataset)).toBe(8);
      return told(dataset);
    });
    await withDataset(async (dataset) => {
      await countEvents(dataset, onTime);
      await refresh(dataset);
      expect(await told(dataset)).not.toEqual(inTime);
      await countEvents(dataset, [line]);
      expect(await refresh(dataset)).toBeGreaterThan(0);
      expect(await told(dataset)).toEqual(inTime);
    });
  });

  test('is not touched by lines of the open day', async () => {
    await withDataset(async (dataset) => {
      const { db } = dataset.pipeline;
      await countEvents(dataset, onTime);
      expect(await refresh(dataset)).toBe(8);
      const written = await query(db, 'SELECT xmin::text, ctid::text FROM forecast_pair');
      await countEvents(dataset, [
        [`${day(300)} 09:00`, 1, 100, -3, sale],
        [`${day(300)} 09:00`, 2, 777, -3, sale],
      ]);
      expect(await refresh(dataset)).toBe(0);
      expect(await query(db, 'SELECT xmin::text, ctid::text FROM forecast_pair')).toEqual(written);
    });
  });

  test('of a process that was taken for dead changes nothing, at whatever place it wakes', async () => {
    await withDataset(async (dataset) => {
      const { db } = dataset.pipeline;
      await countEvents(dataset, onTime);
      await refresh(dataset);
      await countEvents(dataset, [[`${day(299)} 12:00`, 1, 100, -50, sale]]);
      const state = async () => ({
        ...(await told(dataset)),
        scores: await query(db, 'SELECT * FROM forecast_score ORDER BY 1, 2'),
        cancelled: await query(db, 'SELECT * FROM cancelled_sale'),
        dirty: await query(db, 'SELECT * FROM forecast_dirty'),
        grounds: await query(db, 'SELECT * FROM forecast_ground ORDER BY 1'),
        made: await query(db, 'SELECT forecast_date, forecast_as FROM dataset'),
      });
      const before = await state();
      expect(before.dirty).toHaveLength(1);
      await withHeldRun(dataset, async (run) => {
        const taken = { ...run, holder: 'somebody#else' };
        const grounds = new Map([[1, 'another']]);
        const block = new PairBlockBuilder(() => 0);
        block.add(1, 100, 20_000, 5, Number.NaN);
        const late = [
          () => refreshForecasts(dataset.pipeline, taken, new AbortController().signal, quiet),
          () => refreshCancelledSales(db, taken, undefined, day(300)),
          () => dropRecords(db, taken, grounds),
          () => markMovedGrounds(db, taken, grounds),
          () => keepRecords(db, taken, block.take(), [new Uint8Array(8)], false),
          () => replaceForecast(db, taken, { asOfDate: day(400), madeAs: 'another' }, async () => undefined),
        ];
        for (const write of late) await expect(write()).rejects.toMatchObject({ code: 'ETL_STALE' });
      });
      expect(await state()).toEqual(before);
    });
  });

  test('that ended midway under other settings is not taken for whole', async () => {
    await withDataset(async (dataset) => {
      const { db } = dataset.pipeline;
      await countEvents(dataset, onTime);
      await refresh(dataset);
      const whole = await told(dataset);
      await withHeldRun(dataset, (run) => dropRecords(db, run, new Map()));
      expect(await refresh(dataset)).toBe(8);
      expect(await told(dataset)).toEqual(whole);
    });
  });

  test('is made anew where another supplier, with another lead time, delivers an item', async () => {
    await withPlanningFile('scope,id,lead_time_days\nsupplier,near,1\nsupplier,far,30\n', async (dataset) => {
      const { db } = dataset.pipeline;
      await countEvents(dataset, onTime);
      await query(db, `INSERT INTO item (item_id, supplier_id) VALUES (100, 'near'), (101, 'nobody')`);
      expect(await refresh(dataset)).toBe(8);
      const orderUpTo = async () =>
        query<{ item_id: number; order_up_to: number | null }>(
          db,
          'SELECT item_id, order_up_to::float8 AS order_up_to FROM forecast_pair WHERE store_id = 1 ORDER BY 1',
        );
      const [near, unknown] = await orderUpTo();
      expect(unknown?.order_up_to).toBeNull();
      expect(await refresh(dataset)).toBe(0);
      await query(db, `UPDATE item SET supplier_id = 'far' WHERE item_id = 100`);
      expect(await refresh(dataset)).toBe(8);
      const [far] = await orderUpTo();
      expect(far?.order_up_to).toBeGreaterThan(2 * (near?.order_up_to ?? Number.NaN));
    });
  });

  test('takes back what it told of PLANNING_FILE once the line is gone', async () => {
    const rows = 'scope,id,lead_time_days\nstore,1,3\n';
    await withPlanningFile(`${rows}store,2,soon\n`, async (dataset, file) => {
      const told = () =>
        query(dataset.pipeline.db, `SELECT subject, count::int FROM quality_finding WHERE rule = 'planning_file'`);
      await countEvents(dataset, onTime);
      await refresh(dataset);
      expect(await told()).toEqual([{ subject: 'planning.csv', count: 1 }]);
      await writeFile(file, rows);
      await refresh(dataset);
      expect(await told()).toEqual([]);
    });
  });
});
