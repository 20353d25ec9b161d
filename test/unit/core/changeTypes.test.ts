import { describe, expect, test } from '@jest/globals';
import { changeTypesFrom, onlineStoreId } from '../../../lib/core/changeTypes.ts';

const rolesOf = (delivered: readonly (readonly [number, string])[]) =>
  changeTypesFrom(new Map(delivered)).map(({ changeTypeId, changeType, role }) => [changeTypeId, changeType, role]);

describe('changeTypesFrom', () => {
  test('takes the default ids where nothing was delivered', () => {
    expect(rolesOf([])).toEqual([
      [1, 'sale', 'sale'],
      [2, 'shrink', 'shrink'],
      [3, 'restock', 'restock'],
      [4, 'bopis', 'bopis'],
    ]);
  });

  test('knows the roles by their names, whatever their ids, case and spaces', () => {
    expect(
      rolesOf([
        [1, 'restock'],
        [2, 'Sale'],
        [3, ' BOPIS '],
        [4, 'Shrink'],
      ]),
    ).toEqual([
      [1, 'restock', 'restock'],
      [2, 'Sale', 'sale'],
      [3, ' BOPIS ', 'bopis'],
      [4, 'Shrink', 'shrink'],
    ]);
  });

  test('frees a default id whose role was delivered under another id', () => {
    expect(rolesOf([[7, 'sale']])).toEqual([
      [2, 'shrink', 'shrink'],
      [3, 'restock', 'restock'],
      [4, 'bopis', 'bopis'],
      [7, 'sale', 'sale'],
    ]);
  });

  test('falls back to the default ids for roles that no delivered name says', () => {
    expect(
      rolesOf([
        [1, 'Verkauf'],
        [2, 'Schwund'],
        [3, 'Nachschub'],
        [4, 'bopis'],
        [5, 'Umlagerung'],
      ]),
    ).toEqual([
      [1, 'Verkauf', 'sale'],
      [2, 'Schwund', 'shrink'],
      [3, 'Nachschub', 'restock'],
      [4, 'bopis', 'bopis'],
      [5, 'Umlagerung', 'other'],
    ]);
  });

  test('never gives a default id two roles: where it bears another role by name, that one stands', () => {
    expect(rolesOf([[1, 'restock']])).toEqual([
      [1, 'restock', 'restock'],
      [2, 'shrink', 'shrink'],
      [4, 'bopis', 'bopis'],
    ]);
  });

  test('gives every other name the role other, and two ids may share a role', () => {
    expect(
      rolesOf([
        [9, 'transfer'],
        [8, 'sale'],
        [1, 'sale'],
      ]),
    ).toEqual([
      [1, 'sale', 'sale'],
      [2, 'shrink', 'shrink'],
      [3, 'restock', 'restock'],
      [4, 'bopis', 'bopis'],
      [8, 'sale', 'sale'],
      [9, 'transfer', 'other'],
    ]);
  });
});

describe('onlineStoreId', () => {
  test('is the store of that name, in any case', () => {
    expect(
      onlineStoreId(
        new Map([
          [0, 'Headquarters'],
          [12, ' Online '],
        ]),
      ),
    ).toBe(12);
  });

  test('is store 0 where none bears the name', () => {
    expect(onlineStoreId(new Map())).toBe(0);
    expect(onlineStoreId(new Map([[3, 'online shop']]))).toBe(0);
  });

  test('is the lowest id of several', () => {
    expect(
      onlineStoreId(
        new Map([
          [9, 'online'],
          [4, 'ONLINE'],
        ]),
      ),
    ).toBe(4);
  });
});
