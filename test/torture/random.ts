import { random } from '../support/seededRandom.ts';

/** Choices that are the same for the same seed. */
export type Random = Readonly<{
  /** In [0, 1). */
  next(): number;
  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number;
  chance(share: number): boolean;
  pick<T>(all: readonly T[]): T;
  shuffled<T>(all: readonly T[]): T[];
}>;

export function seeded(seed: number): Random {
  const next = random(seed);
  const between = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  return {
    next,
    between,
    chance: (share) => next() < share,
    pick<T>(all: readonly T[]): T {
      if (all.length === 0) throw new Error('nothing to pick from');
      return all[between(0, all.length - 1)] as T;
    },
    shuffled<T>(all: readonly T[]): T[] {
      const mixed = [...all];
      for (let at = mixed.length - 1; at > 0; at -= 1) {
        const other = between(0, at);
        [mixed[at], mixed[other]] = [mixed[other] as T, mixed[at] as T];
      }
      return mixed;
    },
  };
}

/** A seed of its own for each part of a torture, so that one part's choices do not move another's. */
export function seedOf(seed: number, ...parts: readonly number[]): number {
  return parts.reduce((mixed, part) => Math.imul(mixed ^ (part + 0x9e3779b9), 0x85ebca6b) >>> 0, seed >>> 0);
}
