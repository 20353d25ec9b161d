/** Words of SQL's concat_ws: what is null or empty there leaves its place out. */
export function words(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' ');
}

/** What `wanted` holds more often than `found`. */
export function missing(wanted: readonly string[], found: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const one of found) left.set(one, (left.get(one) ?? 0) + 1);
  return wanted.filter((one) => {
    const times = left.get(one) ?? 0;
    left.set(one, times - 1);
    return times <= 0;
  });
}

/** One thing by its key. */
export type Pair = Readonly<{ pair: string; values: string }>;

/** Where two sets of keyed values differ, in words. */
export function mapDifferences(what: string, found: readonly Pair[], wanted: readonly Pair[]): string[] {
  const at = (pairs: readonly Pair[]) => new Map(pairs.map(({ pair, values }) => [pair, values]));
  const [is, should] = [at(found), at(wanted)];
  return [...new Set([...is.keys(), ...should.keys()])]
    .filter((pair) => is.get(pair) !== should.get(pair))
    .map((pair) => `${what} ${pair}: ${is.get(pair) ?? 'missing'}, expected ${should.get(pair) ?? 'none'}`);
}

/** The first rows that differ, by their place. */
export function listDifferences(what: string, found: readonly string[], wanted: readonly string[]): string[] {
  const at = Array.from({ length: Math.max(found.length, wanted.length) }, (_, row) => row).filter(
    (row) => found[row] !== wanted[row],
  );
  return at
    .slice(0, 5)
    .map((row) => `${what} row ${row + 1}: ${found[row] ?? 'none'}, expected ${wanted[row] ?? 'none'}`);
}
