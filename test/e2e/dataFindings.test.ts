import { expect, test } from '@jest/globals';
import { changes, pick, withDataset } from './dataFixture.ts';

const sale = (trans: number, rest = '101,1,11/3/2025 10:00,-1,1') => `{${trans}},${rest}`;

test('unknown items, stores and change types are told with the count of their events, however old', async () => {
  await withDataset({ COMBINED_DAYS: '1' }, async (dataset) => {
    dataset.write('item.csv', 'item_id,name,supplier_id,safety_stock_quantity\n101,Kettle,9,50\n');
    dataset.write('store.csv', 'store_id,name\n1,Berlin\n');
    dataset.write(
      'inventory_change_a.csv',
      changes(
        sale(1, '101,1,1/3/2025 10:00,-1,77'),
        sale(2, '102,1,1/3/2025 10:00,-1,1'),
        sale(3, '102,2,1/3/2025 10:00,-1,1'),
        sale(4),
      ),
    );
    const unknown = () =>
      pick(
        dataset.rows('data_quality.csv').filter((row) => row.rule?.startsWith('unknown_')),
        ['subject', 'count'],
      ).map((row) => `${row.subject}: ${row.count}`);
    await dataset.hour();
    expect(unknown()).toEqual(['change type 77: 1', 'item 102: 2', 'store 2: 1']);
    dataset.write('inventory_change_b.csv', changes(sale(5, '102,2,1/4/2025 10:00,-1,77')));
    await dataset.hour();
    expect(unknown()).toEqual(['change type 77: 2', 'item 102: 3', 'store 2: 2']);
    // Other roles rebuild all figures: nothing counts twice.
    dataset.write('inventory_change_type.csv', 'change_type_id,change_type\n1,shrink\n2,sale\n');
    await dataset.hour();
    expect(unknown()).toEqual(['change type 77: 2', 'item 102: 3', 'store 2: 2']);
  });
});

test('what was told of a file goes when the mended file was read, and only events that are gone are a correction', async () => {
  await withDataset({}, async (dataset) => {
    const told = () =>
      dataset
        .rows('data_quality.csv')
        .filter((row) => row.subject?.startsWith('inventory_change_a'))
        .map((row) => `${row.rule}: ${row.count}`);
    const good = changes(sale(1), sale(2));
    const [header = '', ...lines] = good.trimEnd().split('\n');
    const broken = [
      header,
      ...lines,
      header,
      '',
      sale(3, '101,1,13/3/2025 10:00,-1,1'),
      sale(4, '0101,1,11/3/2025 10:00,-1,1'),
    ];
    dataset.write('inventory_change_a.csv', `${broken.join('\n')}\n`);
    await dataset.hour();
    expect(told()).toEqual(['date_order: 1', 'leading_zeros: 1', 'rejected_rows: 1', 'repeated_header: 1']);
    // Appended to: what was told stays.
    dataset.write('inventory_change_a.csv', `${[...broken, sale(5)].join('\n')}\n`);
    await dataset.hour();
    expect(told()).toHaveLength(4);
    // One event of four gone, one new; the lines that were none are no correction.
    dataset.write('inventory_change_a.csv', changes(...[sale(1), sale(2), sale(5), sale(6)]));
    await dataset.hour();
    expect(told()).toEqual(['possible_correction: 1']);
  });
});
