/** Physical lines of a file, both included, counting the header as 1. */
export type LineRange = Readonly<{ from: number; to: number }>;

/**
 * Reads `10-20`, `7` and lists like `3,10-12`; undefined where it is none, a range runs backwards, or it names the
 * header. @example lineRanges('3,10-12') // [{ from: 3, to: 3 }, { from: 10, to: 12 }]
 */
export function lineRanges(text: string): LineRange[] | undefined {
  const ranges: LineRange[] = [];
  for (const part of text.split(',')) {
    const [, from = '', to = from] = /^\s*(\d{1,15})(?:\s*-\s*(\d{1,15}))?\s*$/.exec(part) ?? [];
    const range = { from: Number(from), to: Number(to) };
    if (from === '' || range.from < 2 || range.to < range.from) return undefined;
    ranges.push(range);
  }
  return ranges;
}
