import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Occurrences } from '../../../lib/core/occurrences.ts';

const a = '0123456789abcdef0123456789abcdef';
const b = '0123456789abcdee0123456789abcdef';

test('numbers identical lines from 1 on, each kind of line by itself', () => {
  const seen = new Occurrences();
  expect([seen.add(a), seen.add(b), seen.add(a), seen.add(a), seen.add(b)]).toEqual([1, 1, 2, 3, 2]);
  expect([seen.count(a), seen.count(b), seen.count('f'.repeat(32))]).toEqual([3, 2, 0]);
});

test('knows the fingerprint of zeros and that of ones like any other', () => {
  const seen = new Occurrences();
  const zeros = '0'.repeat(32);
  const ones = 'f'.repeat(32);
  expect([seen.count(zeros), seen.add(zeros), seen.add(ones), seen.add(zeros), seen.add(ones)]).toEqual([
    0, 1, 1, 2, 2,
  ]);
});

test('keeps apart fingerprints that all begin their search in one slot', () => {
  const seen = new Occurrences();
  const clash = Array.from({ length: 300 }, (_, at) => `${hex8(at)}${hex8(at)}${'0'.repeat(16)}`);
  for (const fingerprint of clash) expect(seen.add(fingerprint)).toBe(1);
  for (const fingerprint of clash) expect(seen.add(fingerprint)).toBe(2);
});

test('counts as a Map does, while it grows', () => {
  const few = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((n) => n.toString(16).padStart(16, '0').padEnd(32, '0'));
  fc.assert(
    fc.property(
      fc.array(few, { minLength: 1, maxLength: 60 }),
      fc.array(fc.nat(59), { maxLength: 200 }),
      (pool, draws) => {
        const seen = new Occurrences();
        const counts = new Map<string, number>();
        for (const draw of draws) {
          const fingerprint = pool[draw % pool.length] as string;
          const n = (counts.get(fingerprint) ?? 0) + 1;
          counts.set(fingerprint, n);
          expect(seen.add(fingerprint)).toBe(n);
        }
        for (const fingerprint of pool) expect(seen.count(fingerprint)).toBe(counts.get(fingerprint) ?? 0);
      },
    ),
    { seed: 14, numRuns: 200 },
  );
});

test('counts on beyond what a byte holds, through growths too', () => {
  const seen = new Occurrences();
  for (let n = 1; n <= 700; n += 1) {
    expect(seen.add(a)).toBe(n);
    if (n % 2 === 0) expect(seen.add(b)).toBe(n / 2);
    seen.add(`${hex8(n)}${hex8(n)}`);
    seen.add(`${hex8(n)}${hex8(n + 1)}`);
  }
  expect([seen.count(a), seen.count(b)]).toEqual([700, 350]);
});

test('counts ten thousand different lines right through several growths', () => {
  const seen = new Occurrences();
  for (let at = 0; at < 10_000; at += 1) seen.add(`${hex8(at * 2_654_435_761)}${hex8(at)}`);
  for (let at = 0; at < 10_000; at += 1) expect(seen.count(`${hex8(at * 2_654_435_761)}${hex8(at)}`)).toBe(1);
});

function hex8(value: number): string {
  return (value % 2 ** 32).toString(16).padStart(8, '0');
}
