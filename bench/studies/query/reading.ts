import type pg from 'pg';
import { connect, type Database, query } from '../../../lib/postgres/pool.ts';
import { spread } from '../../tables.ts';
import type { Layout } from './layouts.ts';
import { type Answer, answerText, ask, type Question, questionNames } from './questions.ts';

/** One question put to one layout. Times are the server's own (EXPLAIN ANALYZE, execution time), warm. */
export type Reading = Readonly<{
  question: Question;
  /** max_parallel_workers_per_gather. */
  workers: 0 | 2;
  medianMs: number;
  p95Ms: number;
  times: number;
  /** Of the last run. */
  plan: readonly string[];
}>;

const mostTimes = 7;
const fewestTimes = 3;
/** A question that was asked long enough is not asked again. */
const enoughMs = 4_000;

/**
 * Asks the three questions of a layout, without and with parallel workers. `known` holds the answers of other layouts
 * and is completed.
 * @throws Error if an answer differs from a known one
 */
export async function readLayout(
  db: Database,
  layout: Layout,
  pair: readonly [number, number],
  known: Map<Question, string>,
): Promise<Reading[]> {
  const client = await connect(db);
  const readings: Reading[] = [];
  try {
    for (const question of questionNames) {
      const { text, values } = ask(question, layout.source, layout.table, pair);
      // Also warms the caches.
      const answer = answerText(await query<Answer>(client, text, values));
      const expected = known.get(question) ?? answer;
      if (answer !== expected || answer === '') {
        throw new Error(`${question} from ${layout.source}, ${layout.name}: the answer differs from the first one`);
      }
      known.set(question, expected);
      for (const workers of [0, 2] as const) {
        await client.query(`SET max_parallel_workers_per_gather = ${workers}`);
        readings.push({ question, workers, ...(await timed(client, text, values)) });
      }
    }
  } finally {
    client.release(true);
  }
  return readings;
}

async function timed(client: pg.PoolClient, text: string, values: readonly number[]) {
  const runs: Execution[] = [];
  let sum = 0;
  while (runs.length < mostTimes && (runs.length < fewestTimes || sum < enoughMs)) {
    const run = await explained(client, text, values);
    runs.push(run);
    sum += run.ms;
  }
  const { median, p95 } = spread(runs.map(({ ms }) => ms));
  return { medianMs: median, p95Ms: p95, times: runs.length, plan: runs.at(-1)?.plan ?? [] };
}

/** A run of a statement: the server's execution time, and the plan as PostgreSQL prints it. */
export type Execution = Readonly<{ ms: number; plan: readonly string[] }>;

/** Runs the statement. Clocks inside the plan are off: they cost time per row. */
export async function explained(client: pg.PoolClient, text: string, values: readonly unknown[]): Promise<Execution> {
  const lines = await query<{ 'QUERY PLAN': string }>(client, `EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) ${text}`, values);
  const plan = lines.map((line) => line['QUERY PLAN']);
  const ms = plan.map((line) => /^Execution Time: ([\d.]+) ms$/.exec(line)?.[1]).find((found) => found !== undefined);
  if (ms === undefined) throw new Error(`no execution time of ${text}`);
  return { ms: Number(ms), plan };
}
