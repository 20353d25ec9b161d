import { type HeldRun, holdRun } from './heldRun.ts';
import { type Database, inTransaction, query } from './pool.ts';

/** The topic that holds the dataset's events where it is not its first (a replay gave it another), else undefined. */
export async function datasetTopic(db: Database): Promise<string | undefined> {
  const [row] = await query<{ topic: string | null }>(db, 'SELECT topic FROM dataset');
  return row?.topic ?? undefined;
}

/** From now on the dataset's rows go through another topic; what PostgreSQL holds stays. For the holder of the place. */
export async function setDatasetTopic(db: Database, run: HeldRun, topic: string): Promise<void> {
  await inTransaction(db, async (client) => {
    await holdRun(client, run);
    await query(client, 'UPDATE dataset SET topic = $1', [topic]);
  });
}
