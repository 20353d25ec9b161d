import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median } from 'simple-statistics';
import { writePlot } from '../../plot.ts';
import { markdownTable } from '../../tables.ts';
import { type HourCost, stepNames } from './hour.ts';

/** The hours measured on top of so many months. */
export type Size = Readonly<{ months: number; events: number; hours: readonly HourCost[] }>;

export type Result = Readonly<{
  command: string;
  pairs: number;
  rowsPerHour: number;
  windowDays: number;
  servers: readonly string[];
  sizes: readonly Size[];
}>;

const middle = (size: Size, pick: (hour: HourCost) => number) => median(size.hours.map(pick));
/** Processor time of an hour, the process and PostgreSQL: what a busy machine does not change. */
const cpu = (hour: HourCost) => hour.cpuSeconds + stepNames.reduce((sum, step) => sum + hour.steps[step].cpuSeconds, 0);
const round = (value: number, digits = 2) => Number(value.toFixed(digits));

/** growth.json, growth.md and growth.svg of a result. */
export async function writeGrowth(resultsDir: string, result: Result): Promise<void> {
  writeFileSync(join(resultsDir, 'growth.json'), `${JSON.stringify(result, null, 2)}\n`);
  writeFileSync(join(resultsDir, 'growth.md'), page(result));
  const values = result.sizes.flatMap((size) =>
    stepNames.map((step, place) => ({
      months: size.months,
      step,
      place,
      seconds: middle(size, (hour) => hour.steps[step].seconds),
    })),
  );
  await writePlot(join(resultsDir, 'growth.svg'), {
    title: `An hour of ${result.rowsPerHour.toLocaleString('en-US')} new rows by the length of history`,
    width: 480,
    height: 300,
    data: { values },
    mark: { type: 'bar', size: 36 },
    encoding: {
      x: { field: 'months', type: 'ordinal', title: 'months of history', axis: { labelAngle: 0 } },
      y: { field: 'seconds', type: 'quantitative', aggregate: 'sum', title: 'seconds (medians of the steps)' },
      color: { field: 'step', type: 'nominal', sort: [...stepNames], title: 'step' },
      order: { field: 'place', type: 'ordinal', sort: 'ascending' },
    },
  });
}

function page({ command, pairs, rowsPerHour, windowDays, servers, sizes }: Result): string {
  const first = sizes[0] as Size;
  const last = sizes.at(-1) as Size;
  const ratio = (pick: (hour: HourCost) => number) => round(middle(last, pick) / middle(first, pick));
  const perStep = (digits: number, pick: (hour: HourCost, step: (typeof stepNames)[number]) => number) =>
    markdownTable(
      ['months', ...stepNames],
      sizes.map((size) => [
        size.months,
        ...stepNames.map((step) =>
          round(
            middle(size, (hour) => pick(hour, step)),
            digits,
          ),
        ),
      ]),
    );
  return `# The cost of an hour as history grows

\`${command}\`: ${rowsPerHour.toLocaleString('en-US')} new rows an hour on top of a growing history of
${pairs.toLocaleString('en-US')} pairs, ${windowDays} days in every output window, medians of ${first.hours.length} hours, each in
a process of its own. ${servers.join(', ')}.

From ${first.months} to ${last.months} months an hour costs **${ratio((hour) => hour.seconds)} times** the time,
**${ratio(cpu)} times** the processor time (PostgreSQL and the process) and **${ratio((hour) => hour.peakMb)} times** the
memory of the process.

${markdownTable(
  ['months', 'events', 'hour', 'slowest', 'CPU', 'peak memory'],
  sizes.map((size) => [
    size.months,
    size.events,
    `${round(middle(size, (hour) => hour.seconds))} s`,
    `${round(Math.max(...size.hours.map((hour) => hour.seconds)))} s`,
    `${round(middle(size, cpu))} s`,
    `${Math.round(middle(size, (hour) => hour.peakMb))} MB`,
  ]),
)}

Seconds per step:

${perStep(3, (hour, step) => hour.steps[step].seconds)}

Seconds of processor time of PostgreSQL:

${perStep(2, (hour, step) => hour.steps[step].cpuSeconds)}

MB that PostgreSQL read from files (page cache included), and wrote to them:

${perStep(1, (hour, step) => hour.steps[step].readMb)}

${perStep(1, (hour, step) => hour.steps[step].writtenMb)}

MB of WAL:

${perStep(2, (hour, step) => hour.steps[step].walMb)}

![seconds by months](growth.svg)
`;
}
