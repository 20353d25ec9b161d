import { random } from '../support/seededRandom.ts';

/** Draws that are the same for the same seed. */
export type Dice = Readonly<{
  /** A whole number in [0, limit). */
  upTo(limit: number): number;
  /** True once in `times`. */
  oneIn(times: number): boolean;
  pick<T>(all: readonly T[]): T;
}>;

export function dice(seed: number): Dice {
  const next = random(seed);
  const upTo = (limit: number) => Math.floor(next() * limit);
  return { upTo, oneIn: (times) => upTo(times) === 0, pick: (all) => all[upTo(all.length)] as (typeof all)[number] };
}
