import { describe, expect, test } from '@jest/globals';
import { verify } from '../../jobs/verify.ts';
import { deliveredAtOnce, deliveredInDrops, world } from './anyOrderFixture.ts';
import { changes, expectOracle, withDataset } from './dataFixture.ts';

describe('late and repeated events', () => {
  test.each([1, 2, 3])(
    'give the data files of one delivery, whatever the order, the splits and the repeats (world %i)',
    async (seed) => {
      const atoms = world(seed, 240);
      await deliveredInDrops(seed, atoms, await deliveredAtOnce(atoms));
    },
  );
});

describe('identical lines of one transaction', () => {
  const line = '{7},101,1,11/3/2025 10:00,-2,1';
  const other = '{8},101,1,11/3/2025 11:00,-1,1';

  test('that are split over two new files count once, as a re-export would (documented limit), until one file holds both', async () => {
    await withDataset({ COMBINED_DAYS: '0' }, async (dataset) => {
      const units = () => dataset.rows('delta_quantity.csv').map((row) => row.delta_quantity);
      dataset.write('inventory_change_a.csv', changes(line));
      dataset.write('inventory_change_b.csv', changes(line, other));
      expect(await dataset.hour()).toMatchObject({ rows_read: 3, rows_new: 2, rows_duplicate: 1 });
      expect(units()).toEqual(['-3']);
      expectOracle(dataset);
      // The same happens where the halves come hours apart.
      dataset.write('inventory_change_c.csv', changes(line));
      expect(await dataset.hour()).toMatchObject({ rows_read: 1, rows_new: 0, rows_duplicate: 1 });
      dataset.write('inventory_change_d.csv', changes(line, line));
      expect(await dataset.hour()).toMatchObject({ rows_read: 2, rows_new: 1, rows_duplicate: 1 });
      expect(units()).toEqual(['-5']);
      expectOracle(dataset);
      expect(await verify(dataset.pipeline, () => undefined)).toMatchObject({ ok: true, listed: [] });
    });
  });
});
