import type { PairBlock } from '../core/forecast/pairBlock.ts';
import { type PairRecord, readRecord } from '../core/forecast/pairRecord.ts';
import { CopyIn } from './copyIn.ts';
import { type GroundTexts, keepGrounds } from './forecastGrounds.ts';
import { type HeldRun, holdRun } from './heldRun.ts';
import { type Database, inTransaction, query } from './pool.ts';

/**
 * Keeps the records of a block's pairs, for the run's holder alone; `anew`: none of these pairs has one yet.
 * @throws TillcastError ETL_STALE, ETL_PG
 */
export async function keepRecords(
  db: Database,
  run: HeldRun,
  block: PairBlock,
  records: readonly Uint8Array[],
  anew: boolean,
): Promise<void> {
  await inTransaction(db, async (client) => {
    // First, so that a process that was taken for dead never meets its successor's records.
    await holdRun(client, run);
    if (!anew) await client.query('CREATE TEMP TABLE new_score (LIKE forecast_score) ON COMMIT DROP');
    const table = anew ? 'forecast_score' : 'new_score';
    const copy = new CopyIn(client, `COPY ${table} (store_id, item_id, record) FROM STDIN`);
    for (const [at, record] of records.entries()) {
      await copy.write(`${block.storeIds[at]}\t${block.itemIds[at]}\t\\\\x${Buffer.from(record).toString('hex')}\n`);
    }
    await copy.end();
    if (!anew) {
      await client.query(
        `INSERT INTO forecast_score SELECT * FROM new_score
         ON CONFLICT (item_id, store_id) DO UPDATE SET record = excluded.record`,
      );
    }
  });
}

/**
 * All is made anew: records of pairs that are no more must not stay. Until it is done no forecast stands as made, so that
 * where this process ends midway the next one does not take the few for all. @throws TillcastError ETL_STALE, ETL_PG
 */
export async function dropRecords(db: Database, run: HeldRun, grounds: GroundTexts): Promise<void> {
  await inTransaction(db, async (client) => {
    await holdRun(client, run);
    await client.query('TRUNCATE forecast_score');
    await client.query('UPDATE dataset SET forecast_as = NULL');
    await keepGrounds(client, grounds);
  });
}

const fetchRecords = 2_000;

/** Streams the records of all pairs in the order (item, store), twice or more often from one consistent view. */
export async function withRecords<T>(
  db: Database,
  work: (eachRecord: (take: (record: PairRecord) => Promise<void> | undefined) => Promise<void>) => Promise<T>,
): Promise<T> {
  return inTransaction(
    db,
    async (client) => {
      await client.query('SET LOCAL idle_in_transaction_session_timeout = 0');
      return work(async (take) => {
        await client.query(
          'DECLARE records NO SCROLL CURSOR FOR SELECT store_id, item_id, record FROM forecast_score ORDER BY item_id, store_id',
        );
        for (;;) {
          const rows = await query<{ store_id: number; item_id: number; record: Buffer }>(
            client,
            `FETCH ${fetchRecords} FROM records`,
          );
          if (rows.length === 0) break;
          for (const { store_id, item_id, record } of rows) {
            const taken = take(readRecord(store_id, item_id, record));
            if (taken !== undefined) await taken;
          }
        }
        await client.query('CLOSE records');
      });
    },
    { begin: 'BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY' },
  );
}
