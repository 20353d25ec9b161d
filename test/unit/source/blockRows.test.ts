import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { blockRows, linesOf, rawLine, withoutBom } from '../../../lib/source/blockRows.ts';

/** Fields, or the reason, by line offset. */
const split = (text: string | Buffer) => {
  const { rows, lines } = blockRows(Buffer.from(text as string));
  return { lines, rows: rows.map((row) => [row.lineOffset, 'broken' in row ? row.broken : row.fields]) };
};

describe('blockRows', () => {
  test('splits plain lines', () => {
    expect(split('a,b\nc,d\n')).toEqual({
      lines: 2,
      rows: [
        [0, ['a', 'b']],
        [1, ['c', 'd']],
      ],
    });
  });

  test('takes a last line without its line end', () => {
    expect(split('a,b\nc,d')).toEqual({
      lines: 2,
      rows: [
        [0, ['a', 'b']],
        [1, ['c', 'd']],
      ],
    });
  });

  test('keeps empty fields, a trailing comma makes one', () => {
    expect(split(',,\na,\n').rows).toEqual([
      [0, ['', '', '']],
      [1, ['a', '']],
    ]);
  });

  test.each([
    ['', 0],
    ['\n', 1],
    ['\r\n', 1],
    ['\n\n', 2],
    ['\r\n\n \n\t\r\n', 4],
    [' ', 1],
    ['\ufeff\n', 1],
    ['\ufeff', 1],
  ])('finds nothing in %j but counts its lines', (text, lines) => {
    expect(split(text)).toEqual({ lines, rows: [] });
  });

  test('skips blank lines and counts them', () => {
    expect(split('\na,b\n\r\n  \nc,d\n\n')).toEqual({
      lines: 6,
      rows: [
        [1, ['a', 'b']],
        [4, ['c', 'd']],
      ],
    });
    expect(split('\n"a",b\n\r\n  \nc,d\n\n')).toEqual({
      lines: 6,
      rows: [
        [1, ['a', 'b']],
        [4, ['c', 'd']],
      ],
    });
  });

  test('reads LF, CRLF and both in one block; a value never ends in the carriage return of a quoted line', () => {
    const trimmed = (text: string) =>
      blockRows(Buffer.from(text)).rows.map((row) => 'fields' in row && row.fields.map((f) => f.trim()));
    expect(trimmed('a,b\r\nc,d\ne,f\r\n')).toEqual([
      ['a', 'b'],
      ['c', 'd'],
      ['e', 'f'],
    ]);
    expect(split('"a",b\r\n"c","d"\r\n').rows).toEqual([
      [0, ['a', 'b']],
      [1, ['c', 'd']],
    ]);
  });

  test('a line of more than 1 MiB is broken alone, and no more than its beginning is kept', () => {
    const long = 'é,'.repeat(400_000);
    const block = Buffer.from(`x,1\n${long}\ny,2\n`);
    expect(split(block).rows).toEqual([
      [0, ['x', '1']],
      [1, 'a line of more than 1 MiB'],
      [2, ['y', '2']],
    ]);
    const raw = rawLine(linesOf(block)(1));
    expect([long.startsWith(raw.slice(0, 2_000)), raw.length < 10_000]).toEqual([true, true]);
  });

  test('a lone carriage return is no line end', () => {
    expect(split('a\rb,c\n')).toEqual({ lines: 1, rows: [[0, ['a\rb', 'c']]] });
  });

  test('reads quoted fields: commas and doubled quotes inside, empty ones, among plain lines', () => {
    expect(split('"a,1","b ""x"""\nc,d\n"",\n')).toEqual({
      lines: 3,
      rows: [
        [0, ['a,1', 'b "x"']],
        [1, ['c', 'd']],
        [2, ['', '']],
      ],
    });
  });

  test.each([['"a,b'], ['a,"b'], ['"a"b,c'], ['a"b,c'], ['b",c'], ['"a""'], ['"']])(
    'an unbalanced quote in %j breaks that line alone',
    (line) => {
      expect(split(`x,1\n${line}\n"y",2\n`)).toEqual({
        lines: 3,
        rows: [
          [0, ['x', '1']],
          [1, 'an unbalanced quote'],
          [2, ['y', '2']],
        ],
      });
    },
  );

  test('a line break inside quotes breaks both of its lines and no other', () => {
    expect(split('x,1\n"a\nb",2\ny,3\n').rows).toEqual([
      [0, ['x', '1']],
      [1, 'an unbalanced quote'],
      [2, 'an unbalanced quote'],
      [3, ['y', '3']],
    ]);
  });

  test('a NUL breaks that line alone', () => {
    expect(split('x,1\na\0,2\ny,3\n').rows).toEqual([
      [0, ['x', '1']],
      [1, 'a NUL character'],
      [2, ['y', '3']],
    ]);
  });

  test.each([
    ['a byte of Latin-1', [0xe9]],
    ['a cut sequence', [0xe2, 0x82]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['half a surrogate pair', [0xed, 0xa0, 0x80]],
    ['a code point beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
    ['0xff', [0xff]],
  ])('%s breaks that line alone', (_, bytes) => {
    const block = Buffer.concat([Buffer.from('x,é\na'), Buffer.from(bytes), Buffer.from(',2\ny,3\n')]);
    expect(split(block).rows).toEqual([
      [0, ['x', 'é']],
      [1, 'not UTF-8'],
      [2, ['y', '3']],
    ]);
  });

  test('keeps text beyond ASCII, U+FFFD as delivered included', () => {
    expect(split('é,💡\n\ufffd,ß\n').rows).toEqual([
      [0, ['é', '💡']],
      [1, ['\ufffd', 'ß']],
    ]);
  });

  test('line separators of Unicode are text', () => {
    expect(split('a\u2028b,c\u0085d\n')).toEqual({ lines: 1, rows: [[0, ['a\u2028b', 'c\u0085d']]] });
  });

  test('semicolons and tabs separate nothing', () => {
    expect(split('a;b\tc\n').rows).toEqual([[0, ['a;b\tc']]]);
    expect(split('"a";b;c;d\n').rows).toEqual([[0, 'an unbalanced quote']]);
  });
});

const plainLine = fc.string({ unit: fc.constantFrom('a', '1', ',', ' ', 'é', '-', '\r', '\t', ';') });
const anyLine = fc.string({ unit: fc.constantFrom('a', '1', ',', '"', ' ', 'é', '\0', '\r') });

test.each([
  ['plain', plainLine],
  ['any', anyLine],
])('a block of %s lines reads as its lines do one by one', (_, line) => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), fc.boolean(), (lines, closed) => {
      const whole = split(lines.join('\n') + (closed ? '\n' : ''));
      const counted = closed ? lines.length || 1 : lines.at(-1) === '' ? lines.length - 1 : lines.length;
      expect(whole.lines).toBe(counted);
      // The quotes in a last field of its own send each line down the careful path.
      const single = lines.flatMap((text, at) => {
        const { rows } = split(`${text.replace(/\r$/, '')},"x"\n`);
        return rows.map(([, content]) => [at, Array.isArray(content) ? content.slice(0, -1) : content]);
      });
      const trimmed = (content: unknown): unknown =>
        Array.isArray(content) ? content.map((f: string) => f.trim()) : content;
      const tidy = (rows: readonly (readonly unknown[])[]) =>
        rows.map(([at, content]) => [at, trimmed(content)]).filter(([, content]) => String(content) !== '');
      expect(tidy(whole.rows)).toEqual(tidy(single));
    }),
    { seed: 21, numRuns: 300 },
  );
});

test('rawLine is what was written, without the line end, even where it is no UTF-8', () => {
  expect(rawLine(Buffer.from('a,"b",é\r'))).toBe('a,"b",é');
  expect(rawLine(Buffer.from('a,b\r\n'))).toBe('a,b');
  expect(rawLine(Buffer.from([0x61, 0xff, 0x62]))).toBe('a\ufffdb');
});

test('withoutBom takes one byte-order mark away', () => {
  expect(withoutBom(Buffer.from('\ufeffa')).toString()).toBe('a');
  expect(withoutBom(Buffer.from('a\ufeff')).toString()).toBe('a\ufeff');
  expect(withoutBom(Buffer.from('')).toString()).toBe('');
});

test('linesOf gives physical lines in ascending order', () => {
  const line = linesOf(Buffer.from('a\n\nb\r\nc'));
  expect([0, 1, 2, 2, 3].map((at) => line(at).toString())).toEqual(['a', '', 'b\r', 'b\r', 'c']);
});
