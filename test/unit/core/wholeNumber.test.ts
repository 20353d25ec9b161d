import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hasLeadingZeros, idLimit, parseWholeNumber, quantityLimit } from '../../../lib/core/wholeNumber.ts';

describe('parseWholeNumber', () => {
  test.each([
    ['5', 5],
    ['+5', 5],
    ['-5', -5],
    ['007', 7],
    ['-007', -7],
    ['3.0', 3],
    ['-3.000', -3],
    ['0', 0],
    ['2147483647', 2_147_483_647],
    ['-2147483647', -2_147_483_647],
    ['2147483647.0', 2_147_483_647],
    ['00000000000000000000000000000012', 12],
  ])('reads %j as a quantity', (text, value) => {
    expect(parseWholeNumber(text, quantityLimit)).toBe(value);
  });

  test.each([
    ['3.5'],
    ['3.01'],
    ['1e3'],
    ['NaN'],
    ['Infinity'],
    [''],
    [' '],
    ['+'],
    ['-'],
    ['--5'],
    ['+-5'],
    ['3.'],
    ['.0'],
    ['0x10'],
    ['1,000'],
    ['1_000'],
    ['1 000'],
    ['5\n'],
    ['٣'],
    ['−5'],
    ['five'],
    ['null'],
    ['2147483648'],
    ['-2147483648'],
    ['9'.repeat(400)],
  ])('refuses %j as a quantity', (text) => {
    expect(parseWholeNumber(text, quantityLimit)).toBeUndefined();
  });

  test('takes ids up to 2^53-1 on both sides and none beyond, even where a number would round back', () => {
    expect(parseWholeNumber('9007199254740991', idLimit)).toBe(9007199254740991);
    expect(parseWholeNumber('-9007199254740991', idLimit)).toBe(-9007199254740991);
    expect(parseWholeNumber('9007199254740992', idLimit)).toBeUndefined();
    expect(parseWholeNumber('9007199254740993', idLimit)).toBeUndefined();
    expect(parseWholeNumber('-9007199254740992', idLimit)).toBeUndefined();
  });

  test.each([['-0'], ['+0'], ['-0.0'], ['-000']])('reads %j as plain zero, never as negative zero', (text) => {
    expect(Object.is(parseWholeNumber(text, quantityLimit), 0)).toBe(true);
  });

  test('agrees with BigInt for every valid form', () => {
    const form = fc.record({
      sign: fc.constantFrom('', '+', '-'),
      zeros: fc.nat({ max: 5 }),
      digits: fc.bigInt({ min: 0n, max: 2n ** 55n }),
      decimals: fc.nat({ max: 3 }),
    });
    fc.assert(
      fc.property(form, ({ sign, zeros, digits, decimals }) => {
        const text = `${sign}${'0'.repeat(zeros)}${digits}${decimals === 0 ? '' : `.${'0'.repeat(decimals)}`}`;
        const value = sign === '-' ? -digits : digits;
        const within = value <= BigInt(idLimit) && value >= -BigInt(idLimit);
        const parsed = parseWholeNumber(text, idLimit);
        expect(parsed === undefined ? undefined : BigInt(parsed)).toBe(within ? value : undefined);
      }),
      { seed: 11, numRuns: 300 },
    );
  });
});

describe('hasLeadingZeros', () => {
  test.each([['007'], ['00'], ['+07'], ['-07'], ['01.0']])('sees them in %j', (text) => {
    expect(hasLeadingZeros(text)).toBe(true);
  });

  test.each([['0'], ['-0'], ['+0'], ['0.0'], ['7'], ['70'], ['-70'], ['']])('sees none in %j', (text) => {
    expect(hasLeadingZeros(text)).toBe(false);
  });
});
