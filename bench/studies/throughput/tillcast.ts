import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { TillcastError } from '../../../lib/core/errors.ts';
import type { KafkaClient } from '../../../lib/kafka/client.ts';
import { dropTopics } from '../../../lib/kafka/topics.ts';
import { newestRuns } from '../../../lib/postgres/ledger.ts';
import { dropDataset } from '../../../lib/postgres/migrate.ts';
import { type Database, openDatabase, query } from '../../../lib/postgres/pool.ts';
import { stepsOf } from '../../../lib/postgres/runSteps.ts';
import type { StudyContext } from '../../study.ts';
import { projectDir, type StudyInput } from './inputs.ts';
import { type Measured, measure } from './measure.ts';

/** One `once`, files to all CSVs. `rows` holds counts too, so it may be more than the input's change lines. */
export type TillcastRun = Measured & Readonly<{ rows: number; stepSeconds: Readonly<Record<string, number>> }>;

/** A run of `npm run once` as a process, on a dataset that was not there before and is gone afterwards. */
export async function runTillcast(
  context: StudyContext,
  kafka: KafkaClient,
  dataset: string,
  input: StudyInput,
): Promise<TillcastRun> {
  const output = join(context.workDir, `out-${dataset}`);
  const flags = ['--input', input.dir, '--output', output, '--dataset', dataset];
  const measured = await measure(process.execPath, ['local/setup.mjs', 'jobs/onceCommand.ts', ...flags], {
    cwd: projectDir,
    env: context.environment({ SETTLE_SECONDS: '0' }),
    signal: context.signal,
  });
  const db = openDatabase(context.services.postgresUrl, dataset, 'bench');
  try {
    await check(db, input);
    const [run] = await newestRuns(db, 1);
    const stepSeconds: Record<string, number> = {};
    for (const { step, started_at, finished_at } of await stepsOf(db, run?.run_seq ?? 0)) {
      stepSeconds[step] = (stepSeconds[step] ?? 0) + (Number(finished_at) - Number(started_at)) / 1000;
    }
    return { ...measured, rows: Number(run?.rows_new), stepSeconds };
  } finally {
    await dropDataset(db).finally(() => db.close());
    await dropTopics(kafka, dataset);
    rmSync(output, { recursive: true, force: true });
  }
}

/** @throws TillcastError (ETL_RUN_FAILED): a fast run that lost rows is no measurement. */
async function check(db: Database, input: StudyInput): Promise<void> {
  const [found] = await query<{ rows: number; sum: number }>(
    db,
    `SELECT (SELECT count(*) FROM inventory_event WHERE NOT is_count) AS rows,
            (SELECT sum(delta_quantity)::bigint FROM store_item) AS sum`,
  );
  if (found?.rows === input.changeRows && found.sum === input.quantitySum) return;
  const got = `${found?.rows} change lines with a sum of ${found?.sum}`;
  throw new TillcastError(
    'ETL_RUN_FAILED',
    `tillcast counted ${got}, the files hold ${input.changeRows} with ${input.quantitySum}`,
  );
}
