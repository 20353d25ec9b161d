/** The reflected Castagnoli polynomial. */
const polynomial = 0x82f63b78;

/** Eight tables of 256 values, one after another: the n-th tells what a byte does n bytes further on ("slicing by 8"). */
const tables = makeTables();

/** CRC-32C, the checksum of a Kafka record batch, eight bytes a step. Node's zlib has the other CRC-32 alone. */
export function crc32c(bytes: Uint8Array, from: number, to: number): number {
  const t = tables;
  let crc = -1;
  let at = from;
  for (; at + 8 <= to; at += 8) {
    const low = crc ^ word(bytes, at);
    const high = word(bytes, at + 4);
    crc =
      entry(t, 7, low) ^
      entry(t, 6, low >>> 8) ^
      entry(t, 5, low >>> 16) ^
      entry(t, 4, low >>> 24) ^
      entry(t, 3, high) ^
      entry(t, 2, high >>> 8) ^
      entry(t, 1, high >>> 16) ^
      entry(t, 0, high >>> 24);
  }
  for (; at < to; at += 1) crc = entry(t, 0, crc ^ (bytes[at] as number)) ^ (crc >>> 8);
  return ~crc >>> 0;
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

function entry(t: Int32Array, table: number, byte: number): number {
  return t[(table << 8) | (byte & 0xff)] as number;
}

function makeTables(): Int32Array {
  const all = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ polynomial;
    all[byte] = crc;
  }
  for (let at = 256; at < all.length; at += 1) {
    const before = all[at - 256] as number;
    all[at] = (before >>> 8) ^ entry(all, 0, before);
  }
  return all;
}
