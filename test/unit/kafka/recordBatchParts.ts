/** How many records a record batch says it holds. */
export const countIn = (batch: Buffer): number => batch.readInt32BE(57);

/** Keys and values of a record batch, read field by field as Kafka's documentation has them. */
export function recordsIn(batch: Buffer): { key: string; value: string; offsetDelta: number }[] {
  const records: { key: string; value: string; offsetDelta: number }[] = [];
  let at = 61;
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = batch.readUInt8(at);
      at += 1;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
  };
  const text = () => {
    const length = varint();
    at += length;
    return batch.toString('utf8', at - length, at);
  };
  while (at < batch.length) {
    const length = varint();
    const end = at + length;
    at += 1;
    varint();
    const offsetDelta = varint();
    const [key, value] = [text(), text()];
    const headers = varint();
    if (headers !== 0 || at !== end) throw new Error(`a record ends at ${at}, not at ${end}`);
    records.push({ key, value, offsetDelta });
  }
  return records;
}
