const multiplier = 0x5bd1e995;

/**
 * The partition of a key as every Kafka client chooses it (murmur2 of its bytes), so that a pair stays where it is
 * whoever sends. Keys are ASCII: two whole numbers and a colon.
 */
export function keyPartition(key: string, partitions: number): number {
  const length = key.length;
  let hash = 0x9747b28c ^ length;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    let four = Math.imul(
      key.charCodeAt(at) |
        (key.charCodeAt(at + 1) << 8) |
        (key.charCodeAt(at + 2) << 16) |
        (key.charCodeAt(at + 3) << 24),
      multiplier,
    );
    four = Math.imul(four ^ (four >>> 24), multiplier);
    hash = Math.imul(hash, multiplier) ^ four;
  }
  if (at < length) {
    for (let left = length - 1; left >= at; left -= 1) hash ^= key.charCodeAt(left) << (8 * (left - at));
    hash = Math.imul(hash, multiplier);
  }
  hash = Math.imul(hash ^ (hash >>> 13), multiplier);
  hash ^= hash >>> 15;
  return (hash & 0x7fffffff) % partitions;
}
