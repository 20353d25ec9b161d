/** So full a table may be: fuller, and looking for a line that is new takes many steps. */
const fullest = 0.7;
/** From here on a line's n stands apart: one byte a slot holds no more. */
const manyFrom = 255;

/**
 * Counts identical lines of one file by 64 bits of their fingerprint, in flat arrays: 9 bytes a slot instead of a
 * string a row, so that ten million lines take 150 MB. Two different lines of one file share 64 bits once in some
 * hundred thousand files of ten million lines.
 */
export class Occurrences {
  private high = new Uint32Array(1024);
  private low = new Uint32Array(1024);
  private seen = new Uint8Array(1024);
  private used = 0;
  /** The n of lines that stand very often, by their 64 bits. */
  private readonly many = new Map<bigint, number>();

  /** Notes one more line with this fingerprint (hexadecimal) and returns its n: 1 for the first. */
  add(fingerprint: string): number {
    if (this.used > this.seen.length * fullest) this.grow();
    const high = first32(fingerprint);
    const low = second32(fingerprint);
    const slot = this.slotOf(high, low);
    const n = this.countAt(slot) + 1;
    if (n === 1) {
      this.high[slot] = high;
      this.low[slot] = low;
      this.used += 1;
    }
    this.seen[slot] = Math.min(n, manyFrom);
    if (n >= manyFrom) this.many.set(keyOf(high, low), n);
    return n;
  }

  /** How many lines with this fingerprint were noted. */
  count(fingerprint: string): number {
    return this.countAt(this.slotOf(first32(fingerprint), second32(fingerprint)));
  }

  private countAt(slot: number): number {
    const seen = this.seen[slot] ?? 0;
    return seen < manyFrom ? seen : (this.many.get(keyOf(this.high[slot] ?? 0, this.low[slot] ?? 0)) ?? seen);
  }

  private slotOf(high: number, low: number): number {
    const mask = this.seen.length - 1;
    let slot = (low ^ high) & mask;
    while (this.seen[slot] !== 0 && (this.high[slot] !== high || this.low[slot] !== low)) slot = (slot + 1) & mask;
    return slot;
  }

  private grow(): void {
    const { high, low, seen } = this;
    this.high = new Uint32Array(seen.length * 2);
    this.low = new Uint32Array(seen.length * 2);
    this.seen = new Uint8Array(seen.length * 2);
    for (let old = 0; old < seen.length; old += 1) {
      if (seen[old] === 0) continue;
      const slot = this.slotOf(high[old] ?? 0, low[old] ?? 0);
      this.high[slot] = high[old] ?? 0;
      this.low[slot] = low[old] ?? 0;
      this.seen[slot] = seen[old] ?? 0;
    }
  }
}

function keyOf(high: number, low: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}

function first32(hex: string): number {
  return Number.parseInt(hex.slice(0, 8), 16);
}

function second32(hex: string): number {
  return Number.parseInt(hex.slice(8, 16), 16);
}
