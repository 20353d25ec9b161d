import { resolve } from 'node:path';
import { readSettings } from '../../config/settings.ts';
import { TillcastError } from '../../lib/core/errors.ts';
import { kafkaClient } from '../../lib/kafka/client.ts';
import { dropDataset, migrate } from '../../lib/postgres/migrate.ts';
import { type Database, openDatabase } from '../../lib/postgres/pool.ts';
import { listInput } from '../../lib/source/inputFolder.ts';
import { changeEvents } from '../changeEvents.ts';
import type { StudyContext } from '../study.ts';
import { runApart, runBatch, runOwnWay, type Stage } from './throughput/baselines.ts';
import { copyCeilings } from './throughput/copyCeilings.ts';
import { lookAt, projectDir, type StudyInput, simulate } from './throughput/inputs.ts';
import { kafkaCeilings } from './throughput/kafkaCeilings.ts';
import { installPySpark } from './throughput/pyspark.ts';
import { type Contender, writeReport } from './throughput/report.ts';
import { runTillcast } from './throughput/tillcast.ts';

/** Five million rows: thirty stores and a web shop, 2,000 items, a year. */
const largeChain = { stores: 30, items: 2_000, days: 365, 'rows-per-hour': 525, seed: 1 };
const smallChain = { stores: 5, items: 300, days: 30, 'rows-per-hour': 150, seed: 1 };

/** How often each takes its turn, and who takes part: PySpark as two programs, pandas row by row on the same topic, the ancestors. */
type Plan = Readonly<{ turns: number; apart: boolean; walk: boolean; ownWay: boolean }>;
const mainPlan: Plan = { turns: 3, apart: true, walk: true, ownWay: true };
const largePlan: Plan = { turns: 1, apart: true, walk: false, ownWay: false };
const quickPlan: Plan = { turns: 1, apart: false, walk: false, ownWay: true };

/**
 * Rows per second of each step and of the whole, files to CSVs, beside PySpark doing less and beside the ceilings of
 * Kafka, COPY and papaparse, all in one run. INPUT_DIR names another real input than the year beside the project.
 */
export async function throughput(context: StudyContext): Promise<void> {
  const { quick, say } = context;
  const notes: string[] = [];
  const note = (line: string) => {
    notes.push(line);
    say(line);
  };
  if (quick) {
    note('--quick: one turn on a small simulated input; five million rows, and PySpark as two programs, are left out.');
  }
  const kafka = kafkaClient(context.services.kafkaBrokers, 'bench');
  const db = openDatabase(context.services.postgresUrl, 'bench_throughput', 'bench');
  try {
    await migrate(db, 'bench_throughput');
    const main = await mainInput(context, note);
    say(`${main.title}: ${main.changeRows.toLocaleString('en-US')} change lines`);
    const ceilings = await measureCeilings(context, kafka, db, main);
    const pyspark = await installPySpark({ ...context, settings: context.settings() }).catch((error) => {
      context.signal.throwIfAborted();
      if (!(error instanceof TillcastError)) throw error;
      note(`PySpark is left out: ${error.message}`);
      return undefined;
    });
    const stage = pyspark === undefined ? undefined : { context, kafka, db, pyspark };
    const contenders = await measureWhole(context, kafka, stage, main, quick ? quickPlan : mainPlan);
    const report = () => writeReport(context, { main, ceilings, contenders, notes, versions: pyspark?.versions ?? [] });
    // Already now: what was measured must not be lost with the long part that follows.
    await report();
    if (quick) return;
    const large = await lookAt('simulated chain', await simulate(context, 'large', largeChain));
    if (stage !== undefined) note('pandas row by row is left out at five million rows: it holds them all in memory.');
    say(`${large.title}: ${large.changeRows.toLocaleString('en-US')} change lines`);
    contenders.push(...(await measureWhole(context, kafka, stage, large, largePlan)));
    await report();
  } finally {
    await dropDataset(db).finally(() => db.close());
  }
}

/** The real year where it is at hand, else (or with --quick) a simulated chain. */
async function mainInput(context: StudyContext, note: (line: string) => void): Promise<StudyInput> {
  if (context.quick) return lookAt('small chain', await simulate(context, 'small', smallChain));
  const { inputDir = resolve(projectDir, '..', 'shared', 'data', 'onlineretail-pos') } = readSettings();
  const there = await listInput(inputDir).catch(() => undefined);
  if (there !== undefined && there.files.length > 0) return lookAt('real year', inputDir);
  note('The real year is not at hand (INPUT_DIR): a simulated chain of about as many rows stands in for it.');
  return lookAt('simulated year', await simulate(context, 'year', { ...largeChain, 'rows-per-hour': 62 }));
}

async function measureCeilings(
  context: StudyContext,
  kafka: ReturnType<typeof kafkaClient>,
  db: Database,
  input: StudyInput,
) {
  context.say('ceilings: Kafka, COPY, papaparse …');
  const events = await changeEvents(context.settings(), input.dir);
  const ofKafka = await kafkaCeilings(context, kafka, events);
  const rows = events.map(({ event }) => event);
  const ofCopy = await copyCeilings(db, rows, context.quick ? 1 : mainPlan.turns);
  return { kafka: ofKafka, copy: ofCopy, papaparse: input.changeRows / input.papaparseSeconds };
}

/** All contenders on one input, turn by turn, so that a slow minute of the machine meets all of them. */
async function measureWhole(
  context: StudyContext,
  kafka: ReturnType<typeof kafkaClient>,
  stage: Stage | undefined,
  input: StudyInput,
  { turns, apart: takeApart, walk, ownWay: takeOwnWay }: Plan,
): Promise<Contender[]> {
  const { say } = context;
  const name = input.title.replaceAll(' ', '_');
  const done = (who: string, seconds: number) => say(`${input.title}, ${who}: ${seconds.toFixed(1)} s`);
  const tillcast: Contender = { who: 'tillcast', input, turns: [] };
  const batch: Contender = { who: 'PySpark, one application', input, turns: [] };
  const apart: Contender = { who: 'PySpark, producer and consumer', input, turns: [] };
  const rowByRow: Contender = { who: 'Spark producer, pandas row by row', input, turns: [] };
  const ownWay: Contender = { who: "the ancestors' own way", input, turns: [] };
  for (let turn = 1; turn <= turns; turn += 1) {
    const own = await runTillcast(context, kafka, `bench_${name}_${turn}`, input);
    done(tillcast.who, own.seconds);
    tillcast.turns.push(own);
    if (stage === undefined) continue;
    const whole = await runBatch(stage, input, `${name}.batch${turn}`);
    done(batch.who, whole.seconds);
    batch.turns.push(whole);
    if (takeOwnWay) {
      const { produce, consume } = await runOwnWay(stage, input, `${name}.own${turn}`);
      ownWay.turns.push(inTurn(produce, consume));
      done(ownWay.who, ownWay.turns.at(-1)?.seconds ?? 0);
    }
    if (!takeApart) continue;
    const ways = await runApart(stage, input, `${name}.apart${turn}`, walk);
    apart.turns.push(inTurn(ways.produce, ways.batch));
    done(apart.who, apart.turns.at(-1)?.seconds ?? 0);
    if (ways.rowByRow === undefined) continue;
    rowByRow.turns.push(inTurn(ways.produce, ways.rowByRow));
    done(rowByRow.who, rowByRow.turns.at(-1)?.seconds ?? 0);
  }
  return [tillcast, batch, apart, ownWay, rowByRow].filter(({ turns: taken }) => taken.length > 0);
}

/** Two programs, one after the other. */
function inTurn(first: Contender['turns'][number], second: Contender['turns'][number]): Contender['turns'][number] {
  return { seconds: first.seconds + second.seconds, processes: [...first.processes, ...second.processes] };
}
