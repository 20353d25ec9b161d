import { expect, test } from '@jest/globals';
import { fileKind, isGzip } from '../../../lib/core/fileKind.ts';

test.each([
  ['inventory_change_store001.csv', 'change'],
  ['inventory_change_store001_2026-11-05T09.csv', 'change'],
  ['inventory_change_online.txt', 'change'],
  ['inventory_change_1.csv.gz', 'change'],
  ['inventory_change_1.txt.gz', 'change'],
  ['INVENTORY_CHANGE_STORE001.CSV', 'change'],
  ['Inventory_Change_Store 1 (2).Csv.Gz', 'change'],
  ['inventory_snapshot_online.csv', 'count'],
  ['inventory_change_type.csv', 'changeType'],
  ['inventory_change_types_v2.txt', 'changeType'],
  ['INVENTORY_CHANGE_TYPE.TXT', 'changeType'],
  ['item.txt', 'item'],
  ['items-2026.csv', 'item'],
  ['store.txt', 'store'],
  ['stores.csv.gz', 'store'],
])('%s is a file of kind %s', (name, kind) => {
  expect(fileKind(name)).toBe(kind);
});

test.each([
  ['inventory_change.csv'],
  ['inventory_snapshot.csv'],
  ['inventory_change_store001.xlsx'],
  ['inventory_change_store001.csv.zip'],
  ['inventory_change_store001.csv.tmp'],
  ['inventory_change_store001.csv.gz.part'],
  ['inventory_change_store001'],
  ['inventory_change_store001.gz'],
  ['my_inventory_change_store001.csv'],
  ['.inventory_change_store001.csv'],
  ['~$store.csv'],
  ['readme.txt'],
  ['csv'],
  ['item'],
  [''],
])('%j is ignored', (name) => {
  expect(fileKind(name)).toBeUndefined();
});

test('only a name that ends in .gz, in any case, is compressed', () => {
  expect(isGzip('a.csv.gz')).toBe(true);
  expect(isGzip('A.CSV.GZ')).toBe(true);
  expect(isGzip('a.gz.csv')).toBe(false);
  expect(isGzip('a.csv')).toBe(false);
});
