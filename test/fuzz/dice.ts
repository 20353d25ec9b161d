/** Draws that are the same for the same seed. */
export type Dice = Readonly<{
  /** A whole number in [0, limit). */
  upTo(limit: number): number;
  /** True once in `times`. */
  oneIn(times: number): boolean;
  pick<T>(all: readonly T[]): T;
}>;

export function dice(seed: number): Dice {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const upTo = (limit: number) => Math.floor(next() * limit);
  return { upTo, oneIn: (times) => upTo(times) === 0, pick: (all) => all[upTo(all.length)] as (typeof all)[number] };
}
