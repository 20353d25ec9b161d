import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Header, readHeader } from '../../../lib/core/header.ts';
import { rowParser } from '../../../lib/core/parseRow.ts';

const rules = {
  dateOrderOf: (store: number) => (store === 7 ? ('dmy' as const) : ('mdy' as const)),
  earliest: '2000-01-01 00:00:00',
  latestOf: (store: number) => (store === 8 ? '2025-06-01 00:00:00' : '2030-01-01 00:00:00'),
};
const headerOf = (line: string, kind: 'change' | 'count'): Header => {
  const read = readHeader(line.split(','), kind);
  if (!('header' in read)) throw new Error(line);
  return read.header;
};
const change = headerOf('trans_id,item_id,store_id,date_time,quantity,change_type_id', 'change');
const count = headerOf('note,quantity,employee_id,date_time,item_id,store_id', 'count');

const written = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -5, max: 10 }).map(String) },
  fc.maxSafeInteger().map(String),
  fc.constantFrom(
    '+5',
    '007',
    '-007',
    '0',
    '-0',
    '+0',
    '00',
    '3.0',
    '3.5',
    '1e3',
    '',
    '-',
    '+',
    ' 5',
    '5 ',
    '5\r',
    '--5',
  ),
  fc.constantFrom('2147483647', '2147483648', '999999999', '1000000000', '9007199254740991', '9007199254740993'),
);
const time = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom('1/2/2025 8:26', '12/31/2025 23:59', '2025-02-28 08:00', '2025-02-28 08:00:01'),
  },
  fc.constantFrom(
    '13/1/2025 8:26',
    '2/30/2025 8:26',
    ' 1/2/2025 8:26',
    '1/2/2025 8:26 ',
    '1/2/1999 8:26',
    '',
    '1/2/2031 0:00',
  ),
);
const text = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('{536365}', '536365', '{C536365}', 'a b', '') },
  fc.constantFrom(
    '{}',
    '{',
    '}',
    '{ 5 }',
    '{{5}}',
    '{5',
    ' {5}',
    '\ufeff{5}',
    '{é}',
    'é',
    'x'.repeat(256),
    'x'.repeat(257),
  ),
  fc.string({ unit: 'binary', maxLength: 5 }).map((value) => value.replace(/[,\n"\0]/g, '.')),
);
const lines = (fields: fc.Arbitrary<string>[]) =>
  fc.oneof(
    { weight: 8, arbitrary: fc.tuple(...fields).map((values) => values.join(',')) },
    fc.array(written, { maxLength: 8 }).map((values) => values.join(',')),
  );

test.each([
  ['change', change, lines([text, written, written, time, written, written])],
  ['count', count, lines([text, written, text, time, written, written])],
] as const)('a %s line that is read the plain way reads as its fields do', (kind, header, line) => {
  const parser = rowParser(kind, header, rules);
  let plain = 0;
  fc.assert(
    // Several lines with one parser, which remembers times.
    fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), fc.string({ maxLength: 3 }), (all, before) => {
      for (const one of all) {
        const row = parser.plain(`${before}${one}\nx,y`, before.length, before.length + one.length);
        if (row === undefined) continue;
        plain += 1;
        expect({ row }).toEqual(parser(one.split(',')));
      }
    }),
    { numRuns: 5_000 },
  );
  expect(plain).toBeGreaterThan(500);
});

test('lines as exports mostly have them are read the plain way', () => {
  const parser = rowParser('change', change, rules);
  for (const one of [
    '{536365},103537,0,12/1/2010 8:26,-6,1',
    'C5,+7,1,2025-11-03 10:00:00,5,3',
    '{a b},1,1,1/1/2025 0:00,0,1',
  ]) {
    expect([one, parser.plain(one, 0, one.length)]).toEqual([one, expect.objectContaining({ kind: 'change' })]);
  }
  const long = `{5},1,1,1/1/2025 0:00,5,1,`;
  expect(parser.plain(long, 0, long.length)).toBeUndefined();
});
