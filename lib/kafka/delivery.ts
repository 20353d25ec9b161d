import { setTimeout as sleep } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';
import { type BrokerConnection, openConnection } from './brokerConnection.ts';
import { type BrokerAddress, type PartitionLeaders, partitionLeaders } from './partitionLeaders.ts';
import { produceApi, produceBody, produceErrors } from './produceRequest.ts';

/** Record batches by partition. */
export type Batches = ReadonlyMap<number, Buffer>;

/** Brings batches to the leaders of their partitions, over one connection to each. */
export type Delivery = Readonly<{
  /** How many partitions the topic has. */
  partitions: number;
  /** Returns when all replicas have acknowledged all batches. What fails is tried again with growing pauses. */
  deliver(batches: Batches): Promise<void>;
  close(): void;
}>;

const firstPauseMs = 200;
const longestPauseMs = 3_000;
const tries = 7;

/** @throws Error where the brokers do not tell who leads the topic's partitions */
export async function openDelivery(kafka: Kafka, topic: string): Promise<Delivery> {
  const connections = new Map<number, Promise<BrokerConnection>>();
  const first = await partitionLeaders(kafka, topic);
  if (first.partitions === 0) throw new Error(`topic ${topic} has no partitions`);
  let leaders: PartitionLeaders | undefined = first;
  let closed = false;

  return {
    partitions: first.partitions,
    async deliver(batches) {
      let left = batches;
      for (let pauseMs = firstPauseMs, tried = 1; ; pauseMs = Math.min(longestPauseMs, 2 * pauseMs), tried += 1) {
        leaders ??= await partitionLeaders(kafka, topic);
        const { failed, reason } = await tryAll(leaders, left);
        if (failed.size === 0) return;
        if (tried === tries || closed) throw reason;
        left = failed;
        await sleep(pauseMs);
        if (closed) throw reason;
        leaders = undefined;
      }
    },
    close() {
      closed = true;
      for (const connection of connections.values()) {
        connection.then(
          (opened) => opened.close(),
          () => undefined,
        );
      }
    },
  };

  async function tryAll({ leaderOf }: PartitionLeaders, batches: Batches) {
    const byLeader = new Map<BrokerAddress | undefined, Map<number, Buffer>>();
    for (const [partition, batch] of batches) {
      const leader = leaderOf.get(partition);
      const its = byLeader.get(leader) ?? new Map<number, Buffer>();
      byLeader.set(leader, its.set(partition, batch));
    }
    const failed = new Map<number, Buffer>();
    let reason: Error = new Error('not tried');
    await Promise.all(
      [...byLeader].map(async ([leader, its]) => {
        try {
          if (leader === undefined) throw new Error(`partition ${[...its.keys()][0]} has no leader`);
          const errors = produceErrors(await (await connectionTo(leader)).request(produceApi, produceBody(topic, its)));
          for (const [partition, batch] of its) {
            const code = errors.get(partition);
            if (code === 0) continue;
            failed.set(partition, batch);
            reason = new Error(`partition ${partition}: the broker answered with error ${code ?? 'nothing'}`);
          }
        } catch (error) {
          for (const [partition, batch] of its) failed.set(partition, batch);
          reason = error as Error;
        }
      }),
    );
    return { failed, reason };
  }

  async function connectionTo(leader: BrokerAddress): Promise<BrokerConnection> {
    const known = connections.get(leader.nodeId);
    // One that fails to open is none; the next try opens another.
    if (known !== undefined && (await known.catch(() => undefined))?.isOpen() === true) return known;
    if (connections.get(leader.nodeId) !== known) return connectionTo(leader);
    const opening = openConnection(leader.host, leader.port);
    opening.catch(() => undefined);
    connections.set(leader.nodeId, opening);
    return opening;
  }
}
