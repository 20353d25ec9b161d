import copyStreams from 'pg-copy-streams';
import { type PairBlock, PairBlockBuilder } from '../core/forecast/pairBlock.ts';
import { NumberRows } from './numberRows.ts';
import { type Database, inTransaction, query } from './pool.ts';
import { sqlFile } from './sqlFile.ts';

/** A block holds about so many days of pairs: small enough to keep memory flat, large enough to be worth a message. */
const rowsPerBlock = 20_000;

export type SeriesInput = Readonly<{
  /** Closed days, `from` ≤ date < `until`. */
  from: string;
  until: string;
  /** Only pairs whose closed days changed. */
  dirtyOnly: boolean;
  horizonOf: (storeId: number, itemId: number) => number;
}>;

/**
 * Streams the closed days of pairs in (store, item) order to `work`, block by block; the next block is read when it
 * returns. @throws TillcastError ETL_PG
 */
export async function eachPairBlock(
  db: Database,
  input: SeriesInput,
  work: (block: PairBlock) => Promise<void>,
): Promise<void> {
  await inTransaction(
    db,
    async (client) => {
      // Between two blocks the connection may wait for a thread longer than any transaction otherwise should idle.
      await client.query(`SET LOCAL work_mem = '128MB'; SET LOCAL idle_in_transaction_session_timeout = 0`);
      await query(client, `SELECT set_config('forecast.from', $1, true), set_config('forecast.until', $2, true)`, [
        input.from,
        input.until,
      ]);
      const sql = sqlFile(input.dirtyOnly ? 'forecast/dirty_pair_days.sql' : 'forecast/pair_days.sql');
      const builder = new PairBlockBuilder(input.horizonOf);
      const copy = client.query(copyStreams.to(sql));
      copy.on('error', (error: Error) => copy.destroy(error));
      const lines = new NumberRows(5);
      for await (const chunk of copy as AsyncIterable<Buffer>) {
        for (const row of lines.read(chunk)) {
          const storeId = row[0] as number;
          const itemId = row[1] as number;
          if (builder.rows >= rowsPerBlock && builder.isNewPair(storeId, itemId)) await work(builder.take());
          builder.add(storeId, itemId, row[2] as number, row[3] as number, row[4] as number);
        }
      }
      if (builder.rows > 0) await work(builder.take());
    },
    { begin: 'BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY' },
  );
}
