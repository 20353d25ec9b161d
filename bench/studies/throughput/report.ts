import { writeFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { median } from 'simple-statistics';
import type { StudyContext } from '../../study.ts';
import { type Cell, markdownTable } from '../../tables.ts';
import type { CopyKey } from './copyCeilings.ts';
import type { StudyInput } from './inputs.ts';
import type { KafkaCeilings } from './kafkaCeilings.ts';
import type { ProcessPeak } from './measure.ts';
import { plotThroughput } from './plotThroughput.ts';

/** One who takes an input from files to CSVs, and its turns. */
export type Contender = Readonly<{
  who: string;
  input: StudyInput;
  turns: {
    seconds: number;
    processes: readonly ProcessPeak[];
    rows?: number;
    stepSeconds?: Readonly<Record<string, number>>;
  }[];
}>;

export type Ceilings = Readonly<{ kafka: KafkaCeilings; copy: Record<CopyKey, number>; papaparse: number }>;

export type Findings = Readonly<{
  main: StudyInput;
  ceilings: Ceilings;
  contenders: readonly Contender[];
  notes: readonly string[];
  /** Of the Python packages. */
  versions: readonly string[];
}>;

export type Whole = Readonly<{
  input: string;
  who: string;
  seconds: number;
  rowsPerSecond: number;
  /** How many times the seconds of tillcast on the same input. */
  timesTillcast: number;
  largestMb: number | null;
  steps: readonly { step: string; seconds: number; rowsPerSecond: number }[];
}>;

/** Writes throughput.json (everything), throughput.md (tables) and throughput.svg. */
export async function writeReport(context: StudyContext, findings: Findings): Promise<void> {
  const wholes = findings.contenders.map((contender) => wholeOf(contender, findings.contenders));
  const ratios = ratiosOf(findings, wholes);
  const machine = {
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    servers: context.services.services.map(({ server }) => server),
    python: findings.versions,
  };
  const at = (name: string) => join(context.resultsDir, `throughput.${name}`);
  const contenders = findings.contenders.map(({ who, input, turns }) => ({ who, input: input.title, turns }));
  const inputs = [...new Set(findings.contenders.map(({ input }) => input))];
  const told = inputs.map(({ title, changeRows, quantitySum }) => ({ title, changeRows, quantitySum }));
  const { ceilings, notes } = findings;
  const json = { quick: context.quick, machine, inputs: told, ceilings, wholes, ratios, notes, contenders };
  writeFileSync(at('json'), `${JSON.stringify(json, null, 2)}\n`);
  writeFileSync(at('md'), page(findings, wholes, ratios, machine));
  await plotThroughput(at('svg'), findings.main.title, wholes, ceilings);
  for (const [what, value, goal] of ratios) context.say(`${what}: ${value} (${goal})`);
}

function wholeOf({ who, input, turns }: Contender, all: readonly Contender[]): Whole {
  const secondsOf = (contender: Contender) => median(contender.turns.map(({ seconds }) => seconds));
  const tillcast = all.find((other) => other.input === input && other.who === 'tillcast');
  const seconds = secondsOf({ who, input, turns });
  const peaks = turns.flatMap(({ processes }) => processes.map(({ peakMb }) => peakMb));
  const steps = Object.keys(turns[0]?.stepSeconds ?? {}).map((step) => {
    const stepSeconds = median(turns.map((turn) => turn.stepSeconds?.[step] ?? 0));
    return { step, seconds: stepSeconds, rowsPerSecond: (turns[0]?.rows ?? 0) / stepSeconds };
  });
  return {
    input: input.title,
    who,
    seconds,
    rowsPerSecond: input.changeRows / seconds,
    timesTillcast: seconds / (tillcast === undefined ? seconds : secondsOf(tillcast)),
    largestMb: peaks.length === 0 ? null : Math.max(...peaks),
    steps,
  };
}

/** What is compared, the figure, and what is aimed at. */
type Ratio = readonly [what: string, value: string, goal: string];

const goalsOfYear: Readonly<Record<string, string>> = {
  "the ancestors' own way": 'at least 7, aim 10',
  'PySpark, one application': 'at least 2.5, aim 4',
  'PySpark, producer and consumer': 'at least 2.5, aim 4',
};

function ratiosOf({ ceilings, main }: Findings, wholes: readonly Whole[]): Ratio[] {
  const times = (value: number) => `${value.toFixed(2)} ×`;
  const ratios: Ratio[] = [];
  for (const { input, who, timesTillcast, largestMb, steps } of wholes) {
    if (who !== 'tillcast') {
      const goal = input === main.title ? (goalsOfYear[who] ?? 'none set') : 'none set';
      ratios.push([`${input}: tillcast's rows/s to those of "${who}"`, times(timesTillcast), goal]);
      continue;
    }
    if (largestMb !== null) ratios.push([`${input}: largest tillcast process`, `${largestMb} MB`, 'at most 300 MB']);
    const rate = (...names: string[]) => {
      const taken = steps.filter(({ step }) => names.includes(step));
      return 1 / taken.reduce((sum, { rowsPerSecond }) => sum + 1 / rowsPerSecond, 0);
    };
    const copy = rate('read', 'apply') / ceilings.copy.product;
    ratios.push([`${input}: read + apply to COPY with the same key`, times(copy), 'at least 0.5']);
    const produce = rate('produce') / ceilings.kafka.kafkajsProduce;
    ratios.push([`${input}: produce to one kafkajs producer`, times(produce), 'at least 1.5']);
  }
  return ratios;
}

function page(
  { main, ceilings, contenders, notes }: Findings,
  wholes: readonly Whole[],
  ratios: readonly Ratio[],
  machine: Readonly<{ cores: number; memoryGb: number; platform: string; node: string; servers: readonly string[] }>,
): string {
  const whole = (value: number) => Math.round(value);
  const turnsOf = (who: string, input: string) =>
    contenders.find((one) => one.who === who && one.input.title === input)?.turns ?? [];
  const wholeRows = wholes.map(({ input, who, seconds, rowsPerSecond, timesTillcast, largestMb }): Cell[] => {
    const turns = turnsOf(who, input).map((turn) => turn.seconds.toFixed(1));
    return [input, who, seconds.toFixed(1), turns.join(' '), whole(rowsPerSecond), timesTillcast.toFixed(2), largestMb];
  });
  const stepRows = wholes.flatMap(({ input, steps }) =>
    steps.map(({ step, seconds, rowsPerSecond }): Cell[] => [input, step, seconds.toFixed(2), whole(rowsPerSecond)]),
  );
  const { kafka, copy } = ceilings;
  const ceilingRows: Cell[][] = [
    [`Kafka's ProducerPerformance, ${kafka.messageBytes} bytes a message`, roundOrNone(kafka.perfProduce)],
    ["Kafka's ConsumerPerformance", roundOrNone(kafka.perfConsume)],
    ['one kafkajs producer, 2,000 rows a send', whole(kafka.kafkajsProduce)],
    ['one kafkajs reader with JSON.parse', whole(kafka.kafkajsConsume)],
    ['COPY without a key', whole(copy.none)],
    ["COPY into the product's table: its key, its monthly partitions", whole(copy.product)],
    ['COPY with a bigint key', whole(copy.bigint)],
    ['COPY with a text key', whole(copy.text)],
    ['papaparse alone over the change files', whole(ceilings.papaparse)],
  ];
  const inputs = [...new Set(contenders.map(({ input }) => input))].map((input) => {
    const rows = contenders.find((one) => one.who === 'tillcast' && one.input === input)?.turns[0]?.rows ?? 0;
    const lines = input.changeRows.toLocaleString('en-US');
    return `- ${input.title}: ${lines} change lines, and ${(rows - input.changeRows).toLocaleString('en-US')} counts that only tillcast loads`;
  });
  return `# Throughput: files to CSVs

Made by \`npm run bench -- throughput\`, on ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.platform}, Node ${machine.node};
${machine.servers.join(', ')}. Everything stands side by side in one run; figures of another run or machine do not compare.
${notes.map((line) => `\n- ${line}`).join('')}

${inputs.join('\n')}

## The whole

Complete processes with their start-up, servers running, nothing known yet; median of the turns. Rows are change lines, for all
alike. tillcast keeps every event once, maintains totals in PostgreSQL and MongoDB, writes all files and forecasts. The
PySpark versions (bench/baselines/pyspark) append deltas to PostgreSQL and write one CSV. The ancestors' own way, as their
project did it, sends and walks rows one by one in Python and writes one CSV, no database; its consumer ends after five seconds
without a message, as theirs did. "Spark producer, pandas row by row" is the same plan by quicker means. Sums of quantities and lines were checked against the files, for each of them. Memory is the largest process's peak.

${markdownTable(['input', 'who', 'seconds', 'turns', 'rows/s', "times tillcast's seconds", 'largest MB'], wholeRows)}

## tillcast's steps

${markdownTable(['input', 'step', 'seconds', 'rows/s'], stepRows)}

## Ceilings of this machine, ${main.title}

${markdownTable(['what', 'rows/s'], ceilingRows)}

## Ratios

${markdownTable(
  ['what', 'found', 'goal'],
  ratios.map((ratio) => [...ratio]),
)}
`;
}

function roundOrNone(value: number | null): Cell {
  return value === null ? 'left out' : Math.round(value);
}
