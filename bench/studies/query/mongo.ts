import { performance } from 'node:perf_hooks';
import { median } from 'simple-statistics';
import { type Mirror, openMirror } from '../../../lib/mongo/mirror.ts';
import { type Database, query } from '../../../lib/postgres/pool.ts';
import type { Source } from './layouts.ts';
import { type Answer, answerText, ask, type Question, questionNames } from './questions.ts';

/** Milliseconds until the client holds the answer, median. */
export type MongoReading = Readonly<{ source: Source; index: 'none' | 'covering'; question: Question; ms: number }>;
export type MongoResult = Readonly<{
  server: string;
  events: number;
  deltas: number;
  pairs: number;
  readings: readonly MongoReading[];
}>;

/** FerretDB groups in time quadratic in the number of groups, and reads whole collections (notes, services.md). */
const boundOf = (server: string, quick: boolean) =>
  server.startsWith('FerretDB') ? (quick ? 3_000 : 9_000) : quick ? 60_000 : 999_000;
const documentsPerInsert = 2_000;
const mostTimes = 5;
const enoughMs = 3_000;
const collections: Readonly<Record<Source, string>> = { events: 'event', deltas: 'run_delta', totals: 'store_item' };
type Document = { _id: string; store_id: number; item_id: number; quantity: number };

/** Asks MongoDB what PostgreSQL was asked, over the first whole batches that the server at hand can bear. */
export async function readMongo(
  db: Database,
  options: Readonly<{ url: string; server: string; quick: boolean; perBatch: number; say(line: string): void }>,
): Promise<MongoResult> {
  const lastRun = Math.floor(boundOf(options.server, options.quick) / options.perBatch);
  const mirror = await openMirror(options.url, 'bench');
  try {
    await mirror.db.dropDatabase();
    const counts = { events: 0, deltas: 0, pairs: 0 };
    counts.events = await fill(db, mirror, 'events', lastRun);
    counts.deltas = await fill(db, mirror, 'deltas', lastRun);
    counts.pairs = await fill(db, mirror, 'totals', lastRun);
    options.say(`${options.server}: ${counts.events.toLocaleString('en')} events …`);
    const pair = await busiestPair(db, lastRun);
    const known = await expectedAnswers(db, lastRun, pair);
    const readings: MongoReading[] = [];
    for (const source of ['events', 'deltas', 'totals'] as const) {
      for (const index of ['none', 'covering'] as const) {
        if (index === 'covering') {
          await mirror.db.collection(collections[source]).createIndex({ store_id: 1, item_id: 1, quantity: 1 });
        }
        for (const question of questionNames) {
          const ms = await askMongo(mirror, source, question, pair, known.get(question));
          readings.push({ source, index, question, ms });
        }
      }
    }
    return { server: options.server, ...counts, readings };
  } finally {
    await mirror.close();
  }
}

async function fill(db: Database, mirror: Mirror, source: Source, lastRun: number): Promise<number> {
  const text = {
    events: `SELECT event_id::text AS _id, store_id, item_id, quantity FROM bench_event WHERE run_seq <= $1`,
    deltas: `SELECT run_seq || ':' || store_id || ':' || item_id AS _id, store_id, item_id,
                    delta_quantity AS quantity FROM bench_delta WHERE run_seq <= $1`,
    totals: `SELECT store_id || ':' || item_id AS _id, store_id, item_id, sum(quantity)::bigint AS quantity
             FROM bench_event WHERE run_seq <= $1 GROUP BY store_id, item_id`,
  };
  const documents = await query<Document>(db, text[source], [lastRun]);
  const target = mirror.db.collection<Document>(collections[source]);
  for (let at = 0; at < documents.length; at += documentsPerInsert) {
    await target.insertMany(documents.slice(at, at + documentsPerInsert), { ordered: false });
  }
  return documents.length;
}

async function busiestPair(db: Database, lastRun: number): Promise<readonly [number, number]> {
  const [pair] = await query<{ store_id: number; item_id: number }>(
    db,
    `SELECT store_id, item_id FROM bench_event WHERE run_seq <= $1 GROUP BY 1, 2 ORDER BY count(*) DESC, 1, 2 LIMIT 1`,
    [lastRun],
  );
  if (pair === undefined) throw new Error('no events for MongoDB');
  return [pair.store_id, pair.item_id];
}

async function expectedAnswers(db: Database, lastRun: number, pair: readonly [number, number]) {
  const known = new Map<Question, string>();
  for (const question of questionNames) {
    const some = `(SELECT * FROM bench_event WHERE run_seq <= ${lastRun}) e`;
    const { text, values } = ask(question, 'events', some, pair);
    known.set(question, answerText(await query<Answer>(db, text, values)));
  }
  return known;
}

async function askMongo(
  mirror: Mirror,
  source: Source,
  question: Question,
  pair: readonly [number, number],
  expected: string | undefined,
): Promise<number> {
  const times: number[] = [];
  let sum = 0;
  while (times.length < mostTimes && sum < enoughMs) {
    const began = performance.now();
    const rows =
      source === 'totals' ? await kept(mirror, question, pair) : await grouped(mirror, source, question, pair);
    times.push(performance.now() - began);
    sum += times.at(-1) ?? 0;
    if (answerText(rows) !== expected) throw new Error(`${question} from MongoDB's ${source} differs from PostgreSQL`);
  }
  return median(times);
}

async function grouped(
  mirror: Mirror,
  source: Source,
  question: Question,
  [store_id, item_id]: readonly [number, number],
) {
  const steps = [
    ...(question === 'one pair' ? [{ $match: { store_id, item_id } }] : []),
    { $group: { _id: { store_id: '$store_id', item_id: '$item_id' }, sum: { $sum: '$quantity' } } },
    ...(question === 'the 20 lowest'
      ? [{ $sort: { sum: 1, '_id.store_id': 1, '_id.item_id': 1 } }, { $limit: 20 }]
      : []),
  ];
  const rows = await mirror.db.collection(collections[source]).aggregate(steps, { allowDiskUse: true }).toArray();
  return rows.map((row): Answer => ({ ...row['_id'], delta_quantity: row['sum'] }));
}

async function kept(mirror: Mirror, question: Question, [store_id, item_id]: readonly [number, number]) {
  const target = mirror.db.collection<Document>(collections.totals);
  const found = target.find(question === 'one pair' ? { _id: `${store_id}:${item_id}` } : {});
  if (question === 'the 20 lowest') found.sort({ quantity: 1, store_id: 1, item_id: 1 }).limit(20);
  const rows = await found.toArray();
  return rows.map((row): Answer => ({ store_id: row.store_id, item_id: row.item_id, delta_quantity: row.quantity }));
}
