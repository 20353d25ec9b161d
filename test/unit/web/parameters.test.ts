import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { parameters, parseParameters } from '../../../web/api/parameters.ts';
import { RequestError } from '../../../web/api/problem.ts';

const shape = {
  stores: parameters.ids,
  pairs: parameters.pairs(2),
  item: parameters.id.optional(),
  from: parameters.date,
  q: parameters.text(10),
  status: parameters.someOf(['low', 'out']),
  page: parameters.page,
  size: parameters.size(20),
  limit: parameters.limit(5, 9),
  dir: parameters.descending(false),
  run: parameters.run,
};

function refusal(query: object): string {
  try {
    parseParameters(shape, query);
  } catch (error) {
    expect(error).toBeInstanceOf(RequestError);
    expect((error as RequestError).status).toBe(400);
    return (error as Error).message;
  }
  throw new Error(`accepted ${JSON.stringify(query)}`);
}

describe('parameters of the API', () => {
  test('are typed values, with defaults for what is absent or empty', () => {
    const none = { stores: null, pairs: null, q: null, status: null, page: 1, size: 20, limit: 5, dir: false };
    expect(parseParameters(shape, {})).toEqual(none);
    expect(parseParameters(shape, { stores: '', pairs: '', q: ' ', status: '' })).toEqual(none);
    expect(
      parseParameters(shape, {
        ...{ stores: '1,-3', pairs: '1:101,2:-7', item: '9007199254740991', from: '2024-02-29', q: ' tea% ' },
        ...{ status: 'low,out', page: '2', size: '500', limit: '9', dir: 'desc', run: '20261105T0900Z' },
      }),
    ).toEqual({
      ...{
        stores: [1, -3],
        pairs: [
          { store: 1, item: 101 },
          { store: 2, item: -7 },
        ],
        item: 9007199254740991,
      },
      ...{ from: '2024-02-29', q: 'tea%', status: ['low', 'out'], page: 2, size: 500, limit: 9, dir: true },
      run: '20261105T0900Z',
    });
  });

  test.each([
    ['stores', '1;3', 'ids like 1,3'],
    ['stores', '1,', 'ids like 1,3'],
    ['stores', '1 OR 1=1', 'ids like 1,3'],
    ['pairs', '1:12:3', 'pairs of store and item'],
    ['pairs', '1:1,2:2,3:3', 'at most 2 pairs'],
    ['item', '3.5', 'a whole number'],
    ['item', '9007199254740992', 'a whole number from'],
    ['item', '1e3', 'a whole number'],
    ['from', '2023-02-29', 'a date as yyyy-MM-dd'],
    ['from', '11/2/2026', 'a date as yyyy-MM-dd'],
    ['q', 'x'.repeat(11), 'at most 10 characters'],
    ['q', 'a\u0000', 'without a NUL'],
    ['status', 'low,gone', 'some of low,out'],
    ['page', '0', 'from 1 to 1000000'],
    ['size', '501', 'from 1 to 500'],
    ['limit', '10', 'from 1 to 9'],
    ['dir', 'up', 'asc or desc'],
    ['run', "x' OR 1", 'a run_id'],
  ])('%s=%s is refused with its name, what was expected, and what came', (name, value, expected) => {
    const message = refusal({ [name]: value });
    expect(message).toContain(`${name}: expected`);
    expect(message).toContain(expected);
    expect(message).toContain(JSON.stringify(value));
  });

  test('an unknown one, one that comes twice, and several at once are named', () => {
    expect(refusal({ store: '1' })).toContain('store: unknown parameter, expected stores, pairs');
    expect(refusal({ stores: ['1', '2'] })).toBe('stores: expected once, got it several times');
    expect(refusal({ stores: { a: '1' } })).toBe('stores: expected once, got it several times');
    expect(refusal({ page: '0', dir: 'up' })).toMatch(/page: .*; dir: /);
    expect(refusal({ __proto__: null, constructor: 'x' })).toContain('constructor: unknown parameter');
  });

  test('a shape without any refuses all', () => {
    expect(() => parseParameters({}, { a: '1' })).toThrow('a: unknown parameter');
    expect(z.object({}).parse({})).toEqual({});
  });
});
