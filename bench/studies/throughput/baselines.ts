import { createReadStream, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Papa from 'papaparse';
import pg from 'pg';
import { TillcastError } from '../../../lib/core/errors.ts';
import type { KafkaClient } from '../../../lib/kafka/client.ts';
import { ensureTopic, withAdmin } from '../../../lib/kafka/topics.ts';
import { type Database, query } from '../../../lib/postgres/pool.ts';
import type { StudyContext } from '../../study.ts';
import type { StudyInput } from './inputs.ts';
import { type Measured, measure } from './measure.ts';
import { baselineDir, type PySpark } from './pyspark.ts';

/** What the baselines run on; `schema` is the database's own, for their table of deltas. */
export type Stage = Readonly<{ context: StudyContext; kafka: KafkaClient; db: Database; pyspark: PySpark }>;

/** The competent version as one application, files to one CSV. */
export async function runBatch(stage: Stage, input: StudyInput, name: string): Promise<Measured> {
  return onTopic(stage, name, async (topic, output) => batch(stage, input, topic, output, [input.dir]));
}

/** The ancestors' own way: a Spark producer that sends row by row, then a pandas consumer that walks row by row. */
export async function runOwnWay(
  stage: Stage,
  input: StudyInput,
  name: string,
): Promise<{ produce: Measured; consume: Measured }> {
  const topics = ['change', 'snapshot'].map((kind) => `bench.${name}.${kind}`);
  const { kafkaBrokers } = stage.context.services;
  return onTopics(stage, topics, 1, async (output) => {
    const topic = `bench.${name}`;
    const produce = await python(stage, ['own_way_produce.py', input.dir, kafkaBrokers, topic]);
    const consume = await python(stage, ['own_way_consume.py', kafkaBrokers, topic, output, input.dir]);
    await checkCsv(output, input.changeRows + input.countRows);
    return { produce, consume };
  });
}

/**
 * The same plan by quicker means, a Spark producer in parallel and then a pandas consumer (where `walk`); and the
 * competent consumer on the same topic, for producer and consumer as two programs.
 */
export async function runApart(
  stage: Stage,
  input: StudyInput,
  name: string,
  walk: boolean,
): Promise<{ produce: Measured; rowByRow: Measured | undefined; batch: Measured }> {
  return onTopic(stage, name, async (topic, output) => {
    const produce = await python(stage, ['produce.py', input.dir, stage.context.services.kafkaBrokers, topic]);
    const walked = walk ? await rowByRow(stage, input, topic, output) : undefined;
    return { produce, rowByRow: walked, batch: await batch(stage, input, topic, output, []) };
  });
}

async function rowByRow(stage: Stage, input: StudyInput, topic: string, output: string) {
  const measured = await python(stage, ['row_by_row.py', stage.context.services.kafkaBrokers, topic, output]);
  await checkCsv(output, input.changeRows);
  const text = readFileSync(join(output, 'delta_quantity.csv'), 'utf8');
  const { data } = Papa.parse<{ delta_quantity: string }>(text, { header: true, skipEmptyLines: true });
  same('the row by row baseline', input.quantitySum, sumOf(data.map((row) => Number(row.delta_quantity))));
  return measured;
}

async function batch(stage: Stage, input: StudyInput, topic: string, output: string, folder: readonly string[]) {
  const { context, db } = stage;
  const table = `${pg.escapeIdentifier(db.schema)}.pyspark_delta`;
  await query(db, `DROP TABLE IF EXISTS ${table}`);
  await query(db, `CREATE TABLE ${table} (store_id bigint, item_id bigint, delta_quantity bigint)`);
  const measured = await python(stage, ['batch.py', context.services.kafkaBrokers, topic, output, table, ...folder]);
  await checkCsv(output, input.changeRows);
  const [found] = await query<{ sum: number }>(db, `SELECT sum(delta_quantity)::bigint AS sum FROM ${table}`);
  same('the batch baseline', input.quantitySum, found?.sum ?? 0);
  return measured;
}

async function python({ context, pyspark }: Stage, args: readonly string[]): Promise<Measured> {
  const { hostname, port, pathname, username, password } = new URL(context.services.postgresUrl);
  const env = context.environment({
    SPARK_EXTRA_JARS: pyspark.jars,
    PG_JDBC_URL: `jdbc:postgresql://${hostname}:${port || 5432}${pathname}`,
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password),
    PYTHONDONTWRITEBYTECODE: '1',
  });
  return measure(pyspark.python, args, { cwd: baselineDir, env, signal: context.signal });
}

/** Gives a topic like the product's and an empty folder, and takes both away afterwards. */
async function onTopic<T>(stage: Stage, name: string, work: (topic: string, output: string) => Promise<T>): Promise<T> {
  const topic = `bench.${name}`;
  return onTopics(stage, [topic], stage.context.settings().partitions, (output) => work(topic, output));
}

async function onTopics<T>(
  { context, kafka }: Stage,
  topics: readonly string[],
  partitions: number,
  work: (output: string) => Promise<T>,
): Promise<T> {
  const output = join(context.workDir, `out-${topics[0]}`);
  mkdirSync(output);
  for (const topic of topics) await ensureTopic(kafka, topic, partitions);
  try {
    return await work(output);
  } finally {
    rmSync(output, { recursive: true, force: true });
    await withAdmin(kafka, (admin) => admin.deleteTopics({ topics: [...topics] }));
  }
}

/** The running quantities: a line for each row, and a header. */
async function checkCsv(output: string, rows: number): Promise<void> {
  let lines = 0;
  for await (const chunk of createReadStream(join(output, 'combined.csv')) as AsyncIterable<Buffer>) {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines += 1;
  }
  same('a baseline, in lines of combined.csv,', rows, lines - 1);
}

/** @throws TillcastError (ETL_RUN_FAILED): a baseline that loses rows is no baseline. */
function same(who: string, expected: number, found: number): void {
  if (found === expected) return;
  throw new TillcastError('ETL_RUN_FAILED', `${who} found ${found} where the files hold ${expected}`);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
