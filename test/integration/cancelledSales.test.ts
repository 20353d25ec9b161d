import { describe, expect, test } from '@jest/globals';
import { refreshCancelledSales } from '../../lib/postgres/forecastState.ts';
import { query } from '../../lib/postgres/pool.ts';
import { type BriefEvent, countEvents, loadDefaultReference } from '../support/countedEvents.ts';
import { openTestDataset, type TestDataset } from '../support/dataset.ts';
import { withHeldRun } from '../support/heldRun.ts';
import { random } from '../support/seededRandom.ts';

async function withDataset(work: (dataset: TestDataset) => Promise<void>): Promise<void> {
  const dataset = await openTestDataset();
  try {
    await loadDefaultReference(dataset);
    await work(dataset);
  } finally {
    await dataset.close();
  }
}

const [sale, shrink, restock, bopis] = [1, 2, 3, 4];

/** `item: sale time > restock time, units`, in that order. */
async function cancelled({ pipeline }: TestDataset): Promise<string[]> {
  const rows = await query<{ text: string }>(
    pipeline.db,
    `SELECT item_id || ': ' || to_char(sale_time, 'MM-DD HH24:MI') || ' > ' || to_char(restock_time, 'MM-DD HH24:MI')
            || ', ' || quantity AS text
     FROM cancelled_sale ORDER BY store_id, item_id, restock_time`,
  );
  return rows.map((row) => row.text);
}

describe('a cancelled sale', () => {
  test('is a sale that the next line of its size, a restock within 3 days, undid', async () => {
    await withDataset(async (dataset) => {
      await countEvents(dataset, [
        // 1: undone 12 minutes later.
        ['2025-11-03 09:15', 1, 1, -80_995, sale],
        ['2025-11-03 09:27', 1, 1, 80_995, restock],
        // 2: to the minute 3 days later; 3: a minute more.
        ['2025-11-03 09:15', 1, 2, -5, sale],
        ['2025-11-06 09:15', 1, 2, 5, restock],
        ['2025-11-03 09:15', 1, 3, -5, sale],
        ['2025-11-06 09:16', 1, 3, 5, restock],
        // 4: of two sales the nearer; 5: of two restocks the nearer.
        ['2025-11-03 09:00', 1, 4, -5, sale],
        ['2025-11-03 10:00', 1, 4, -5, sale],
        ['2025-11-03 11:00', 1, 4, 5, restock],
        ['2025-11-03 09:00', 1, 5, -5, sale],
        ['2025-11-03 10:00', 1, 5, 5, restock],
        ['2025-11-03 11:00', 1, 5, 5, restock],
        // 6: other sizes, counts, shrink between do not matter; 7: another store's restock; 8: other size alone.
        ['2025-11-03 09:00', 1, 6, -5, sale],
        ['2025-11-03 09:30', 1, 6, -4, sale],
        ['2025-11-03 09:40', 1, 6, -5, shrink],
        ['2025-11-03 09:50', 1, 6, 70],
        ['2025-11-03 10:00', 1, 6, 5, restock],
        ['2025-11-03 09:00', 1, 7, -5, sale],
        ['2025-11-03 10:00', 2, 7, 5, restock],
        ['2025-11-03 09:00', 1, 8, -5, sale],
        ['2025-11-03 10:00', 1, 8, 6, restock],
        // 9: bopis is no sale, a return is no restock.
        ['2025-11-03 09:00', 1, 9, -5, bopis],
        ['2025-11-03 10:00', 1, 9, 5, restock],
        ['2025-11-03 11:00', 1, 9, -6, sale],
        ['2025-11-03 12:00', 1, 9, 6, sale],
        // 10: undone on the open day, which is not over.
        ['2025-11-07 09:00', 1, 10, -5, sale],
        ['2025-11-08 09:00', 1, 10, 5, restock],
      ]);
      await withHeldRun(dataset, (run) => refreshCancelledSales(dataset.pipeline.db, run, undefined, '2025-11-08'));
      const known = [
        '1: 11-03 09:15 > 11-03 09:27, 80995',
        '2: 11-03 09:15 > 11-06 09:15, 5',
        '4: 11-03 10:00 > 11-03 11:00, 5',
        '5: 11-03 09:00 > 11-03 10:00, 5',
        '6: 11-03 09:00 > 11-03 10:00, 5',
      ];
      expect(await cancelled(dataset)).toEqual(known);
      await withHeldRun(dataset, (run) => refreshCancelledSales(dataset.pipeline.db, run, '2025-11-08', '2025-11-09'));
      expect(await cancelled(dataset)).toEqual([...known, '10: 11-07 09:00 > 11-08 09:00, 5']);
    });
  });

  test('comes out the same whatever the order and the splits of the events', async () => {
    await withDataset(async (dataset) => {
      const { db } = dataset.pipeline;
      const pick = random(6);
      const [orders, drops] = [40, 6];
      const asOf = (drop: number) => 10 + 3 * drop;
      // Sales and restocks of one pair with few sizes, so that much is undone; the same for every order, an item each.
      const arriving: BriefEvent[][] = Array.from({ length: drops }, (_, drop) => [
        [`2025-11-${asOf(drop)} 08:00`, 9, 999, -1, sale],
      ]);
      for (let n = 0; n < 40; n += 1) {
        const day = 1 + Math.floor(pick() * 20);
        const time = `2025-11-${String(day).padStart(2, '0')} 10:${10 + Math.floor(pick() * 50)}`;
        const units = 1 + Math.floor(pick() * 3);
        const [quantity, type] = pick() < 0.5 ? [-units, sale] : [units, restock];
        const inTime = Math.max(0, Math.ceil((day - asOf(0)) / 3));
        for (let item = 0; item < orders; item += 1) {
          // Item 0 gets all at the end, the others each event when it happens or later.
          const drop = item === 0 ? drops - 1 : inTime + Math.floor(pick() * (drops - inTime));
          arriving[drop]?.push([time, 1, item, quantity as number, type as number]);
        }
      }
      let madeFor: string | undefined;
      for (const [drop, events] of arriving.entries()) {
        await countEvents(dataset, events);
        await withHeldRun(dataset, (run) => refreshCancelledSales(db, run, madeFor, `2025-11-${asOf(drop)}`));
        madeFor = `2025-11-${asOf(drop)}`;
        await query(db, 'UPDATE dataset SET forecast_date = $1', [madeFor]);
        await query(db, 'DELETE FROM forecast_dirty');
      }
      const rows = await query<{ item_id: number; found: string }>(
        db,
        `SELECT item_id, string_agg(concat_ws(' ', sale_time, restock_time, quantity), '; ' ORDER BY restock_time, quantity) AS found
         FROM cancelled_sale GROUP BY 1 ORDER BY 1`,
      );
      expect(rows.map((row) => row.item_id)).toEqual(Array.from({ length: orders }, (_, item) => item));
      expect(rows[0]?.found.split('; ').length).toBeGreaterThan(5);
      expect(new Set(rows.map((row) => row.found)).size).toBe(1);
    });
  });
});
