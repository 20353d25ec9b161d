/** Produce, version 7: https://kafka.apache.org/protocol#The_Messages_Produce. */
export const produceApi = { key: 0, version: 7 } as const;

/** The broker waits so long for its replicas. */
const replicasMs = 30_000;

/** The body of a produce request for one topic, in pieces: batches are sent as they are, without a copy. */
export function produceBody(topic: string, batches: ReadonlyMap<number, Buffer>): Buffer[] {
  const name = Buffer.from(topic);
  const head = Buffer.alloc(2 + 2 + 4 + 4 + 2 + name.length + 4);
  let at = head.writeInt16BE(-1);
  at = head.writeInt16BE(-1, at);
  at = head.writeInt32BE(replicasMs, at);
  at = head.writeInt32BE(1, at);
  at = head.writeInt16BE(name.length, at);
  at += name.copy(head, at);
  head.writeInt32BE(batches.size, at);
  const pieces: Buffer[] = [head];
  for (const [partition, batch] of batches) {
    const before = Buffer.alloc(8);
    before.writeInt32BE(partition);
    before.writeInt32BE(batch.length, 4);
    pieces.push(before, batch);
  }
  return pieces;
}

/** What the broker answered for each partition: Kafka's error code, 0 for none. */
export function produceErrors(answer: Buffer): Map<number, number> {
  const errors = new Map<number, number>();
  let at = 4;
  at += 2 + answer.readInt16BE(at);
  const partitions = answer.readInt32BE(at);
  at += 4;
  // partition 4 · error 2 · baseOffset 8 · logAppendTime 8 · logStartOffset 8
  for (let left = partitions; left > 0; left -= 1, at += 30) {
    errors.set(answer.readInt32BE(at), answer.readInt16BE(at + 4));
  }
  return errors;
}
