import { writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../../lib/postgres/migrate.ts';
import { openDatabase, query } from '../../lib/postgres/pool.ts';
import { writePlot } from '../plot.ts';
import type { StudyContext } from '../study.ts';
import { type Amount, loadData } from './query/data.ts';
import { layouts, sizeOf, withLayout } from './query/layouts.ts';
import { readMongo } from './query/mongo.ts';
import { page } from './query/page.ts';
import { plotOf } from './query/plotOf.ts';
import type { Question } from './query/questions.ts';
import { readLayout } from './query/reading.ts';
import type { MeasuredLayout, QueryResult } from './query/result.ts';
import { writeLayout } from './query/writing.ts';

const dataset = 'bench';
const full: Amount = { events: 6_000_000, perBatch: 3_000, more: 99_000 };
const small: Amount = { events: 200_000, perBatch: 3_000, more: 9_000 };

/**
 * The sum per item and store, asked of raw events, of a delta per batch and of maintained totals, with and without the
 * indexes that could help, and what each index costs while rows come. Writes query.json, query.md and query.svg.
 */
export async function studyQueries({ quick, resultsDir, services, say, signal }: StudyContext): Promise<void> {
  const amount = quick ? small : full;
  const db = openDatabase(services.postgresUrl, dataset, 'tillcast bench');
  try {
    await migrate(db, dataset);
    const data = await loadData(db, amount, say);
    const pair = [data.busiest.store_id, data.busiest.item_id] as const;
    const answers = new Map<Question, string>();
    const measured: MeasuredLayout[] = [];
    let load = 0;
    for (const layout of layouts) {
      signal.throwIfAborted();
      say(`${layout.source}: ${layout.name} …`);
      const result = await withLayout(db, layout, async () => ({
        ...(await sizeOf(db, layout.table)),
        readings: await readLayout(db, layout, pair, answers),
        writeMs: (await writeLayout(db, layout, amount.more, amount.perBatch)) ?? null,
      }));
      load = Math.max(load, loadavg()[0] ?? 0);
      measured.push({ ...layout, ...result });
      say(
        `  ${result.readings.map((r) => `${r.question} ${r.medianMs.toFixed(1)} ms`).join(', ')}; writing ${result.writeMs?.toFixed(0) ?? '-'} ms`,
      );
    }
    const [version] = await query<{ server_version: string }>(db, 'SHOW server_version');
    const mongo = await readMongo(db, {
      url: services.mongodbUrl,
      server: services.services.find(({ name }) => name === 'mongodb')?.server ?? 'MongoDB',
      quick,
      perBatch: amount.perBatch,
      say,
    });
    const postgres = `PostgreSQL ${version?.server_version}`;
    const result: QueryResult = {
      quick,
      load,
      cores: availableParallelism(),
      amount,
      data,
      postgres,
      layouts: measured,
      mongo,
    };
    writeFileSync(join(resultsDir, 'query.json'), `${JSON.stringify(result, null, 1)}\n`);
    writeFileSync(join(resultsDir, 'query.md'), page(result));
    await writePlot(join(resultsDir, 'query.svg'), plotOf(result));
    say(`${join(resultsDir, 'query.md')}`);
  } finally {
    await db.close();
  }
}
