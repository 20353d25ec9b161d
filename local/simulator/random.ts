/**
 * sfc32, a small fast counting generator (Chris Doty-Humphrey, PractRand, https://pracrand.sourceforge.net/), seeded by three
 * whole numbers, so that every (seed, place, hour) has a stream of its own. Integer arithmetic only: the same on any machine.
 */
export class Random {
  #a = 0;
  #b = 0;
  #c = 0;
  #counter = 1;

  constructor(seed: number, place: number, moment: number) {
    this.restart(seed, place, moment);
  }

  /** Goes to the start of the stream (seed, place, moment); each is taken modulo 2^32. */
  restart(seed: number, place: number, moment: number): this {
    this.#a = mix(seed ^ 0x9e3779b9);
    this.#b = mix(this.#a ^ place);
    this.#c = mix(this.#b ^ moment);
    this.#counter = 1;
    for (let i = 0; i < 8; i++) this.next();
    return this;
  }

  /** Uniform in [0, 1), a multiple of 2^-32. */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4_294_967_296;
  }

  /** A whole number in [0, n). */
  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** A Poisson number with this mean (Knuth, TAOCP 3.4.1 F), drawn in parts so that e^-mean never underflows. */
  poisson(mean: number): number {
    let count = 0;
    for (let left = mean; left > 0; left -= 16) {
      const limit = expOfMinus(Math.min(left, 16));
      let product = this.next();
      while (product > limit) {
        count++;
        product *= this.next();
      }
    }
    return count;
  }
}

/** The finaliser of MurmurHash3 (Austin Appleby, public domain): every input bit reaches every output bit. */
function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** e^-x for x in [0, 16]. Own arithmetic, because ECMA-262 leaves Math.exp "implementation-approximated". */
function expOfMinus(x: number): number {
  const part = x / 256;
  let term = 1;
  let power = 1;
  for (let n = 1; n <= 8; n++) {
    term *= part / n;
    power += term;
  }
  for (let i = 0; i < 8; i++) power *= power;
  return 1 / power;
}
