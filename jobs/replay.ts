import { TillcastError } from '../lib/core/errors.ts';
import { eventTopic, replayTopic } from '../lib/kafka/client.ts';
import { dropTopics, partitionOffsets } from '../lib/kafka/topics.ts';
import { datasetTopic, setDatasetTopic } from '../lib/postgres/datasetTopic.ts';
import { assertHeld } from '../lib/postgres/heldRun.ts';
import { findRun, type Run } from '../lib/postgres/ledger.ts';
import { migrate } from '../lib/postgres/migrate.ts';
import { openDatabase } from '../lib/postgres/pool.ts';
import { eachPair, uncountedEvents } from '../lib/postgres/recount.ts';
import {
  besideSchema,
  carryOver,
  compareEvents,
  dropReplaySchemas,
  type ReplayDifference,
  swapSchemas,
} from '../lib/postgres/replaySchema.ts';
import { handOn } from './consume.ts';
import { countRows } from './countRows.ts';
import { withOwnRun } from './ownRun.ts';
import type { Pipeline, Report } from './pipeline.ts';
import { produceStep } from './produceStep.ts';
import { nothingProduced, runStep } from './runStep.ts';
import { maintainedDifferences, recountPair } from './verifyPair.ts';

/** `anyway`: swap although the source holds fewer events than PostgreSQL does now. */
export type ReplayOptions = Readonly<{ source: 'files' | 'kafka'; anyway: boolean }>;

/** `lost` were in PostgreSQL and are not in the source; `found` the other way round. */
export type ReplayResult = Readonly<{ run_id: string; source: string; events: number; lost: number; found: number }>;

const listedStores = 5;

/**
 * Rebuilds everything from the files or from the topic beside the present state, verifies it, and swaps in one
 * transaction; then MongoDB and the CSVs are made from it. Until the swap nothing of the present state changes; a
 * process that dies after it leaves a run that the next start finishes.
 * @throws TillcastError ETL_REPLAY_LOSS where the source lacks events, ETL_RUN_OPEN, or of the step that failed
 */
export async function replay(pipeline: Pipeline, options: ReplayOptions, report: Report): Promise<ReplayResult> {
  const { db, settings } = pipeline;
  const { source } = options;
  const kind = { trigger: 'replay', readsFiles: source === 'files' } as const;
  const { result, runId } = await withOwnRun(pipeline, kind, report, async (run, signal, kept) => {
    await clearLeftovers(pipeline, run);
    const topic = source === 'files' ? replayTopic(settings.dataset, run.run_seq) : await pipeline.topic();
    let rebuilt: Awaited<ReturnType<typeof build>>;
    try {
      rebuilt = await build(pipeline, run, topic, options, signal, kept);
    } finally {
      // What was built is of no use where it was not swapped in, and what it replaced where it was.
      await clearLeftovers(pipeline, run).catch(() => undefined);
    }
    await handOn(pipeline, (await findRun(db, run.run_id)) as Run, rebuilt.counted, signal, kept);
    return { source, events: rebuilt.events, lost: rebuilt.difference.lost, found: rebuilt.difference.found };
  });
  return { run_id: runId, ...result };
}

/** Builds beside, checks, and swaps. */
async function build(
  pipeline: Pipeline,
  run: Run,
  topic: string,
  { source, anyway }: ReplayOptions,
  signal: AbortSignal,
  report: Report,
) {
  const { db } = pipeline;
  const beside = await openBeside(pipeline, run.run_seq);
  try {
    await carryOver(db, run.run_seq, source);
    await setDatasetTopic(beside.db, run, topic);
    if (source === 'kafka') await sayWhatKafkaLacks(pipeline, topic, report);
    await runStep(beside, run, 'produce', report, async () =>
      source === 'files' ? produceStep(beside, run, signal, report) : nothingProduced,
    );
    const counted = await countRows(beside, run, signal, report);
    const events = await checkFigures(beside, report);
    const difference = await compareEvents(db, run.run_seq);
    if (difference.lost > 0 && !anyway) throw lossOf(difference, source);
    signal.throwIfAborted();
    await swapSchemas(db, run, difference.lost > 0);
    report(`what was built beside is in place now: ${events.toLocaleString('en-US')} events`);
    return { counted, events, difference };
  } finally {
    await beside.close();
  }
}

/**
 * Goes on with a fresh topic where the old one was lost, cut or holds what cannot be read: PostgreSQL keeps what it
 * has, and a run sends again from the files what was not applied.
 */
export async function renewTopic(pipeline: Pipeline, report: Report): Promise<string> {
  const kind = { trigger: 'replay', readsFiles: true } as const;
  const { result } = await withOwnRun(pipeline, kind, report, async (run, signal, kept) => {
    await clearLeftovers(pipeline, run);
    const topic = replayTopic(pipeline.settings.dataset, run.run_seq);
    await setDatasetTopic(pipeline.db, run, topic);
    kept(`rows go through ${topic} from now on; what was not applied is sent again from the files`);
    await runStep(pipeline, run, 'produce', kept, () => produceStep(pipeline, run, signal, kept));
    const counted = await countRows(pipeline, run, signal, kept);
    await clearLeftovers(pipeline, run).catch(() => undefined);
    await handOn(pipeline, run, counted, signal, kept);
    return topic;
  });
  return result;
}

/** Forgets schemas and topics that replays left. PostgreSQL says which topic is live, and who may decide it. */
async function clearLeftovers(pipeline: Pipeline, run: Run): Promise<void> {
  const live = await pipeline.topic();
  await assertHeld(pipeline.db, run);
  await dropReplaySchemas(pipeline.db);
  await dropTopics(pipeline.kafka, pipeline.settings.dataset, live);
}

/** The same pipeline on an empty schema beside the dataset's own. */
async function openBeside(pipeline: Pipeline, runSeq: number): Promise<Pipeline> {
  const { settings, urls, holder } = pipeline;
  const db = openDatabase(urls.postgresUrl, settings.dataset, holder, besideSchema(pipeline.db.schema, runSeq));
  await migrate(db, settings.dataset);
  return {
    ...pipeline,
    db,
    topic: async () => (await datasetTopic(db)) ?? eventTopic(settings.dataset),
    close: () => db.close(),
  };
}

/** Recounts what was built from its events. Returns how many events; @throws TillcastError ETL_RUN_FAILED */
async function checkFigures(beside: Pipeline, report: Report): Promise<number> {
  const problems = await uncountedEvents(beside.db);
  let events = 0;
  await eachPair(beside.db, async (pair) => {
    events += pair.events.length;
    problems.push(...maintainedDifferences(pair, recountPair(pair)));
  });
  report(`${events.toLocaleString('en-US')} events recounted beside the present state`);
  if (problems.length === 0) return events;
  throw new TillcastError(
    'ETL_RUN_FAILED',
    `the rebuilt figures do not follow from their events (${problems.length} differences, first: ${problems[0]}): nothing ` +
      'was swapped; please report it',
  );
}

async function sayWhatKafkaLacks(pipeline: Pipeline, topic: string, report: Report): Promise<void> {
  report('Kafka holds events alone: names, rejected rows and file watermarks are kept from PostgreSQL');
  const past = (await partitionOffsets(pipeline.kafka, topic)).reduce((sum, { low }) => sum + low, 0n);
  if (past > 0n) report(`${past} messages of ${topic} are past retention: Kafka cannot give them back`);
}

function lossOf({ lost, byStore }: ReplayDifference, source: 'files' | 'kafka'): TillcastError {
  const stores = byStore.slice(0, listedStores).map((row) => `${row.lost} of store ${row.store_id}`);
  const where =
    source === 'files' ? 'put the missing exports back into the input folder' : 'replay --from-files instead';
  return new TillcastError(
    'ETL_REPLAY_LOSS',
    `${source === 'files' ? 'the files lack' : 'the topic lacks'} ${lost} events that PostgreSQL holds (${stores.join(', ')}` +
      `${byStore.length > listedStores ? ', …' : ''}): nothing was swapped; ${where}, or say --anyway to go without them`,
  );
}
