import { describe, expect, test } from '@jest/globals';
import { NumberRows } from '../../../lib/postgres/numberRows.ts';

function rowsOf(columns: number, ...chunks: string[]): number[][] {
  const rows = new NumberRows(columns);
  return chunks.flatMap((chunk) => Array.from(rows.read(Buffer.from(chunk, 'latin1')), (fields) => [...fields]));
}

describe('rows of whole numbers', () => {
  const text = '0\t-12\t\\N\n9007199254740991\t-9007199254740991\t7\n5\t0\t\\N\n';
  const read = [
    [0, -12, Number.NaN],
    [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 7],
    [5, 0, Number.NaN],
  ];

  test('are read with signs, nulls and the largest exact numbers', () => {
    expect(rowsOf(3, text)).toEqual(read);
    expect(rowsOf(3, '')).toEqual([]);
  });

  test('may be cut anywhere between chunks', () => {
    for (let at = 0; at <= text.length; at += 1) expect(rowsOf(3, text.slice(0, at), text.slice(at))).toEqual(read);
    expect(rowsOf(3, ...text)).toEqual(read);
  });

  test('are nothing else', () => {
    expect(() => rowsOf(2, '1\t2.5\n')).toThrow('byte 46 is of no whole number');
  });
});
