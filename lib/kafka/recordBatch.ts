import { crc32c } from './crc32c.ts';

/**
 * A record batch, format 2, as a produce request carries it for one partition:
 *
 *   baseOffset 8 · length 4 · leaderEpoch 4 · magic 1 · crc 4 · attributes 2 · lastOffsetDelta 4 · firstTimestamp 8 ·
 *   maxTimestamp 8 · producerId 8 · producerEpoch 2 · baseSequence 4 · count 4 · records
 *
 * and a record, with numbers as zigzag varints:
 *
 *   length · attributes 1 · timestampDelta · offsetDelta · key length · key · value length · value · headers
 *
 * https://kafka.apache.org/documentation/#recordbatch. Written in place, because kafkajs makes some fifteen objects
 * for each record, which is most of what producing with it costs.
 */
const headerBytes = 61;
const lengthAt = 8;
const afterLength = 12;
const crcAt = 17;
const afterCrc = 21;
/** Varints and fixed bytes around one record's key and value, at most. */
const recordOverhead = 32;

export class RecordBatch {
  private bytes: Buffer;
  private end = headerBytes;
  private records = 0;

  /** `room`: bytes to write into, which are this batch's alone; where they do not suffice it takes others. */
  constructor(room: Buffer) {
    this.bytes = room;
  }

  /** What it takes so far, in bytes. */
  get size(): number {
    return this.end;
  }

  /** `key` is ASCII. */
  add(key: string, value: string): void {
    const valueBytes = Buffer.byteLength(value);
    this.makeRoom(key.length + valueBytes + recordOverhead);
    const body =
      3 + varintBytes(this.records) + varintBytes(key.length) + key.length + varintBytes(valueBytes) + valueBytes;
    this.varint(body);
    this.byte(0);
    this.byte(0);
    this.varint(this.records);
    this.varint(key.length);
    this.end += this.bytes.write(key, this.end, 'latin1');
    this.varint(valueBytes);
    this.end += this.bytes.write(value, this.end, 'utf8');
    this.byte(0);
    this.records += 1;
  }

  /** The batch, complete; nothing may be added any more. */
  finish(sentAtMs: number): Buffer {
    const { bytes, end } = this;
    bytes.fill(0, 0, headerBytes);
    bytes.writeInt32BE(end - afterLength, lengthAt);
    bytes.writeInt32BE(-1, 12);
    bytes.writeInt8(2, 16);
    bytes.writeInt32BE(this.records - 1, 23);
    bytes.writeBigInt64BE(BigInt(sentAtMs), 27);
    bytes.writeBigInt64BE(BigInt(sentAtMs), 35);
    // No producer id, epoch and sequence: sent twice, an event counts once by its identity.
    bytes.fill(0xff, 43, 57);
    bytes.writeInt32BE(this.records, 57);
    bytes.writeUInt32BE(crc32c(bytes, afterCrc, end), crcAt);
    return bytes.subarray(0, end);
  }

  private makeRoom(more: number): void {
    if (this.end + more <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.bytes.length, this.end + more));
    this.bytes.copy(larger, 0, 0, this.end);
    this.bytes = larger;
  }

  private byte(value: number): void {
    this.bytes[this.end] = value;
    this.end += 1;
  }

  /** Of a number >= 0; zigzag doubles it. */
  private varint(value: number): void {
    let left = 2 * value;
    for (; left > 0x7f; left >>>= 7) this.byte((left & 0x7f) | 0x80);
    this.byte(left);
  }
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let left = 2 * value; left > 0x7f; left >>>= 7) bytes += 1;
  return bytes;
}
