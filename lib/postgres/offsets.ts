import type pg from 'pg';
import { TillcastError } from '../core/errors.ts';
import { type Database, query } from './pool.ts';

/** Where reading a partition goes on; `lastEventId` is what stood just before, null before the first event. */
export type StoredOffset = Readonly<{ partition: number; nextOffset: bigint; lastEventId: string | null }>;

/** Offsets `[from, to)` of one partition that a run holds. */
export type OffsetRange = Readonly<{ partition: number; from: bigint; to: bigint; lastEventId: string | null }>;

export async function storedOffsets(db: Database, topic: string): Promise<StoredOffset[]> {
  const rows = await query<{ partition: number; next_offset: number | bigint; last_event_id: string | null }>(
    db,
    'SELECT partition, next_offset, last_event_id FROM topic_offset WHERE topic = $1 ORDER BY partition',
    [topic],
  );
  return rows.map((row) => ({
    partition: row.partition,
    nextOffset: BigInt(row.next_offset),
    lastEventId: row.last_event_id,
  }));
}

/**
 * Moves the offsets by compare-and-swap: each partition must still stand at `from`, or this process is stale.
 * Runs inside the apply transaction, so that offsets and rows count together.
 * @throws TillcastError ETL_STALE
 */
export async function moveOffsets(
  client: pg.PoolClient,
  topic: string,
  runSeq: number,
  ranges: readonly OffsetRange[],
): Promise<void> {
  if (ranges.length === 0) return;
  const partitions = ranges.map(({ partition }) => partition);
  const from = ranges.map((range) => range.from.toString());
  const to = ranges.map((range) => range.to.toString());
  await query(
    client,
    `INSERT INTO topic_offset (topic, partition, next_offset)
     SELECT $1, u.partition, u.from_offset FROM unnest($2::integer[], $3::bigint[]) AS u (partition, from_offset)
     ORDER BY u.partition ON CONFLICT DO NOTHING`,
    [topic, partitions, from],
  );
  // In key order, so that two processes which both want them wait for each other instead of locking each other out.
  const held = await query<{ partition: number; next_offset: number | bigint }>(
    client,
    `SELECT partition, next_offset FROM topic_offset WHERE topic = $1 AND partition = ANY ($2)
     ORDER BY partition FOR UPDATE`,
    [topic, partitions],
  );
  const stands = new Map(held.map((row) => [row.partition, BigInt(row.next_offset)]));
  for (const { partition, from: expected } of ranges) {
    if (stands.get(partition) === expected) continue;
    throw new TillcastError(
      'ETL_STALE',
      `offsets of ${topic}/${partition} moved on from ${expected} while this process worked: another one applied ` +
        'them, so this one stops and changes nothing',
    );
  }
  await query(
    client,
    `UPDATE topic_offset o SET next_offset = u.to_offset, last_event_id = u.last_event_id
     FROM unnest($2::integer[], $3::bigint[], $4::uuid[]) AS u (partition, to_offset, last_event_id)
     WHERE o.topic = $1 AND o.partition = u.partition`,
    [topic, partitions, to, ranges.map(({ lastEventId }) => lastEventId)],
  );
  await keepRanges(client, runSeq, topic, partitions, from, to);
}

/** The offsets that the run holds: a later round of the same run goes on where its last one ended. */
async function keepRanges(
  client: pg.PoolClient,
  runSeq: number,
  topic: string,
  partitions: readonly number[],
  from: readonly string[],
  to: readonly string[],
): Promise<void> {
  await query(
    client,
    `WITH given AS (
       SELECT u.*, n.from_offset AS newest
       FROM unnest($3::integer[], $4::bigint[], $5::bigint[]) AS u (partition, from_offset, to_offset)
       LEFT JOIN LATERAL (
         SELECT r.from_offset, r.run_seq, r.to_offset FROM run_range r
         WHERE r.topic = $2 AND r.partition = u.partition ORDER BY r.from_offset DESC LIMIT 1) n
         ON n.run_seq = $1 AND n.to_offset = u.from_offset
     ), grown AS (
       UPDATE run_range r SET to_offset = g.to_offset FROM given g
       WHERE r.topic = $2 AND r.partition = g.partition AND r.from_offset = g.newest)
     INSERT INTO run_range (run_seq, topic, partition, from_offset, to_offset)
     SELECT $1, $2, partition, from_offset, to_offset FROM given WHERE newest IS NULL`,
    [runSeq, topic, partitions, from, to],
  );
}
