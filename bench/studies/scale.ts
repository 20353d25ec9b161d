import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openPipeline, type Pipeline } from '../../jobs/pipeline.ts';
import { verify } from '../../jobs/verify.ts';
import { followGroup } from '../../lib/kafka/client.ts';
import { ensureTopic, partitionOffsets, withAdmin } from '../../lib/kafka/topics.ts';
import { beat, claimRun, finishRun, openRun } from '../../lib/postgres/ledger.ts';
import { claimInputFolder } from '../../lib/postgres/migrate.ts';
import { storedOffsets } from '../../lib/postgres/offsets.ts';
import { query } from '../../lib/postgres/pool.ts';
import type { StudyContext } from '../study.ts';
import { markdownTable } from '../tables.ts';
import { fill } from './scale/sales.ts';

type Measured = Readonly<{
  processes: number;
  rows: number;
  seconds: number;
  rowsPerSecond: number;
  /** Processor seconds while the rows were counted, of all processes and of PostgreSQL's. */
  busyCores: number;
  rounds: number;
  verified: boolean;
}>;

const partitions = 6;
const joinPatienceMs = 120_000;

/**
 * One, two and four `follow` processes share the partitions of a topic that is full: how many rows a second do they
 * count, the whole apply step with events, totals, days and offsets? A run that is held open makes them wait until all
 * have joined and all rows stand in Kafka.
 */
export async function scale(context: StudyContext): Promise<void> {
  const rows = context.quick ? 30_000 : 300_000;
  const measured: Measured[] = [];
  for (const processes of [1, 2, 4]) {
    const one = await measure(context, processes, rows);
    measured.push(one);
    context.say(
      `${processes} processes: ${one.rows.toLocaleString('en-US')} rows in ${one.seconds.toFixed(1)} s, ` +
        `${Math.round(one.rowsPerSecond).toLocaleString('en-US')} rows/s, ${one.busyCores.toFixed(2)} cores busy`,
    );
  }
  writeFileSync(
    join(context.resultsDir, 'scale.json'),
    `${JSON.stringify({ quick: context.quick, measured }, null, 2)}\n`,
  );
  writeFileSync(join(context.resultsDir, 'scale.md'), page(measured, context));
}

async function measure(context: StudyContext, processes: number, rows: number): Promise<Measured> {
  const dataset = `scale${processes}`;
  const inputDir = join(context.workDir, `${dataset}-input`);
  await mkdir(inputDir);
  const env = {
    DATASET: dataset,
    INPUT_DIR: inputDir,
    OUTPUT_DIR: join(context.workDir, `${dataset}-output`),
    PARTITIONS: String(partitions),
    PUBLISH_SECONDS: '3600',
  };
  const pipeline = await openPipeline(context.settings(env), context.services, inputDir);
  const children: ChildProcess[] = [];
  try {
    const { db } = pipeline;
    await claimInputFolder(db, dataset, inputDir);
    const topic = await pipeline.topic();
    await ensureTopic(pipeline.kafka, topic, partitions);
    const runId = 'held-open-for-the-study';
    await openRun(db, { runId, trigger: 'hand', slot: null, covers: [] });
    const lease = `${pipeline.holder}#study`;
    await claimRun(db, runId, lease);
    const beating = setInterval(() => void beat(db, runId, lease).catch(() => undefined), 2_000);
    for (let at = 0; at < processes; at += 1) children.push(startFollowing(context, env));
    await joined(pipeline, processes, context.signal);
    await fill(pipeline, topic, rows);
    // What was fetched meanwhile waits in their memory, the same share in each.
    await sleep(3_000);
    clearInterval(beating);
    await finishRun(db, runId, 'succeeded', null, lease);
    const { seconds, busyCores } = await counted(pipeline, topic, context.signal);
    const [rounds] = await query<{ rounds: number }>(db, 'SELECT count(*) AS rounds FROM batch_metric');
    for (const child of children) child.kill('SIGINT');
    await Promise.all(children.map(ended));
    const { ok, listed } = await verify(pipeline, () => undefined);
    const [held] = await query<{ rows: number }>(db, 'SELECT count(*) AS rows FROM inventory_event');
    if (Number(held?.rows) !== rows || !ok) {
      throw new Error(
        `${processes} processes: ${held?.rows} of ${rows} events, verify: ${listed.slice(0, 3).join('; ')}`,
      );
    }
    return {
      processes,
      rows,
      seconds,
      rowsPerSecond: rows / seconds,
      busyCores,
      rounds: Number(rounds?.rounds),
      verified: ok,
    };
  } finally {
    for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
    await pipeline.close();
  }
}

function startFollowing(context: StudyContext, env: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, ['local/setup.mjs', 'jobs/followCommand.ts'], {
    cwd: join(import.meta.dirname, '..', '..'),
    env: context.environment(env),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

const ended = (child: ChildProcess) =>
  child.exitCode === null ? new Promise((resolve) => child.once('exit', resolve)) : Promise.resolve();

/** Until so many processes share the partitions. */
async function joined({ kafka, settings }: Pipeline, processes: number, signal: AbortSignal): Promise<void> {
  const since = Date.now();
  for (;;) {
    signal.throwIfAborted();
    const { groups } = await withAdmin(kafka, (admin) => admin.describeGroups([followGroup(settings.dataset)]));
    if (groups[0]?.state === 'Stable' && groups[0].members.length === processes) return;
    if (Date.now() - since > joinPatienceMs) throw new Error(`${groups[0]?.members.length} of ${processes} joined`);
    await sleep(250);
  }
}

/** From the first row that counts to the last; processor time of the machine meanwhile. */
async function counted({ db, kafka }: Pipeline, topic: string, signal: AbortSignal) {
  const ends = await partitionOffsets(kafka, topic);
  const left = async () => {
    const stored = new Map((await storedOffsets(db, topic)).map((at) => [at.partition, at.nextOffset]));
    return ends.reduce((sum, { partition, highWatermark }) => sum + highWatermark - (stored.get(partition) ?? 0n), 0n);
  };
  const startedAt = performance.now();
  const busyBefore = busySeconds();
  while ((await left()) > 0n) {
    signal.throwIfAborted();
    await sleep(25);
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  return { seconds, busyCores: (busySeconds() - busyBefore) / seconds };
}

/** Processor seconds that the machine spent since it started. */
function busySeconds(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0) / 1_000;
}

function page(measured: readonly Measured[], { quick }: StudyContext): string {
  const first = measured[0]?.rowsPerSecond ?? 1;
  const rows = measured.map((one) => [
    one.processes,
    one.rows,
    Number(one.seconds.toFixed(2)),
    Math.round(one.rowsPerSecond),
    Number((one.rowsPerSecond / first).toFixed(2)),
    Number(one.busyCores.toFixed(2)),
    one.rounds,
    one.verified ? 'ok' : 'NOT ok',
  ]);
  return `# Consumers that share the partitions

\`npm run bench -- scale\`${quick ? ' --quick (figures worth nothing)' : ''}: one, two and four \`npm run follow\` processes count the
same rows of a full topic of ${partitions} partitions on one machine with ${cpus().length} cores, servers included. Counted is the whole apply step:
known or not, events, days, closings, totals, months, hours and offsets. \`verify\` after each.

${markdownTable(['processes', 'rows', 'seconds', 'rows/s', 'times one', 'cores busy', 'rounds', 'verify'], rows)}

How to spread over hosts, and where it ends: docs/scaling.md.
`;
}
