import { describe, expect, test } from '@jest/globals';
import { errorCodes, messageOf, TillcastError } from '../../../lib/core/errors.ts';

test('the codes are a list without doubles, each beginning with ETL_', () => {
  expect(new Set(errorCodes).size).toBe(errorCodes.length);
  expect(errorCodes.filter((code) => !/^ETL_[A-Z]+(_[A-Z]+)*$/.test(code))).toEqual([]);
});

describe('TillcastError', () => {
  test('carries its code, its name and its message, and is not retryable unless said', () => {
    const error = new TillcastError('ETL_INPUT', 'no such folder');
    expect([error.name, error.code, error.message, error.retryable]).toEqual([
      'TillcastError',
      'ETL_INPUT',
      'no such folder',
      false,
    ]);
    expect('cause' in error).toBe(false);
    expect(error).toBeInstanceOf(Error);
  });

  test('keeps the cause and says when a retry may help', () => {
    const cause = new Error('ECONNRESET');
    const error = new TillcastError('ETL_PG', 'gone', { retryable: true, cause });
    expect(error.retryable).toBe(true);
    expect(error.cause).toBe(cause);
  });

  test('names a class that is derived from it', () => {
    class Derived extends TillcastError {}
    expect(new Derived('ETL_PG', 'x').name).toBe('Derived');
  });
});

test.each([
  [new Error('gone'), 'gone'],
  [{ message: 'from another realm' }, 'from another realm'],
  ['plain text', 'plain text'],
  [null, 'null'],
  [undefined, 'undefined'],
  [42, '42'],
  [new Error(''), 'Error'],
  [new AggregateError([new Error('::1 refused'), new Error('127.0.0.1 refused')]), '::1 refused; 127.0.0.1 refused'],
  [new AggregateError([new Error('a')], 'both'), 'both'],
])('says what was thrown, whatever it is (%#)', (thrown, message) => {
  expect(messageOf(thrown)).toBe(message);
});
