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
  for (const range of ranges) {
    const values = [topic, range.partition, range.from.toString()];
    await query(
      client,
      'INSERT INTO topic_offset (topic, partition, next_offset) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      values,
    );
    const moved = await query(
      client,
      `UPDATE topic_offset SET next_offset = $4, last_event_id = $5
       WHERE topic = $1 AND partition = $2 AND next_offset = $3 RETURNING partition`,
      [...values, range.to.toString(), range.lastEventId],
    );
    if (moved.length !== 1) {
      throw new TillcastError(
        'ETL_STALE',
        `offsets of ${topic}/${range.partition} moved on from ${range.from} while this process worked: another run ` +
          'applied them, so this one stops and changes nothing',
      );
    }
    await query(
      client,
      'INSERT INTO run_range (run_seq, topic, partition, from_offset, to_offset) VALUES ($1, $2, $3, $4, $5)',
      [runSeq, ...values, range.to.toString()],
    );
  }
}
