import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../../lib/core/errors.ts';
import { optionProblems, type SimulatorOptions, simulatorDefaults } from './options.ts';
import { defaultStateFile, openWriter } from './simulator.ts';

const usage = `npm run simulate -- --out DIR [--stores N] [--items N] [--days N] [--rows-per-hour N] [--seed N] [--start yyyy-MM-dd]

Writes the exports of N stores and a web shop into DIR, an empty or new folder: the same bytes for the same flags.
Defaults: ${simulatorDefaults.stores} stores, ${simulatorDefaults.items} items, ${simulatorDefaults.days} days from ${simulatorDefaults.startDate}, ${simulatorDefaults.rowsPerHour} rows per hour on average over the whole chain, seed ${simulatorDefaults.seed}.
The position is kept in DIR/../<name of DIR>.simulator.json: an interrupted simulation goes on when it is started again.
Last line: {"out","files","rows","first","last","seed"}, first and last being the oldest and newest local time.`;

/** A wrong command line; exit code 2. */
class UsageError extends Error {}

type Flags = Readonly<{ out: string; options: SimulatorOptions }> | 'help';

function readFlags(args: readonly string[]): Flags {
  const text = { type: 'string' } as const;
  const known = { out: text, stores: text, items: text, days: text, 'rows-per-hour': text, seed: text, start: text };
  const { values } = parseArgs({ args: [...args], options: { ...known, help: { type: 'boolean', short: 'h' } } });
  if (values.help === true) return 'help';
  if (values.out === undefined || values.out === '') throw new UsageError('--out DIR is missing');
  const number = (flag: 'stores' | 'items' | 'days' | 'rows-per-hour' | 'seed', fallback: number) => {
    const value = values[flag];
    if (value === undefined) return fallback;
    if (!/^\d+$/.test(value)) throw new UsageError(`--${flag} must be a whole number, got "${value}"`);
    return Number(value);
  };
  const options: SimulatorOptions = {
    stores: number('stores', simulatorDefaults.stores),
    items: number('items', simulatorDefaults.items),
    days: number('days', simulatorDefaults.days),
    rowsPerHour: number('rows-per-hour', simulatorDefaults.rowsPerHour),
    seed: number('seed', simulatorDefaults.seed),
    startDate: values.start ?? simulatorDefaults.startDate,
  };
  const [problem] = optionProblems(options);
  if (problem !== undefined) {
    throw new UsageError(problem.replace(/^\w+/, (key) => `--${flagOf[key] ?? key}`));
  }
  return { out: resolve(values.out), options };
}

const flagOf: Readonly<Record<string, string>> = { rowsPerHour: 'rows-per-hour', startDate: 'start' };

async function simulate(out: string, options: SimulatorOptions): Promise<void> {
  const sameKeys = Object.keys(options) as (keyof SimulatorOptions)[];
  const writer = await openWriter(out, options, defaultStateFile(out), { stopAfterDays: true, sameKeys });
  const { firstHour, endHour, files } = writer.chain;
  const begun = performance.now();
  let said = begun;
  await writer.advance(endHour, ({ hour, rows }) => {
    if (performance.now() - said < 2000) return;
    said = performance.now();
    const day = Math.min(options.days, Math.ceil((hour - firstHour) / 24));
    const rate = Math.round(rows / ((said - begun) / 1000));
    process.stderr.write(`simulated day ${day} of ${options.days}: ${rows} rows, ${rate} rows/s\n`);
  });
  const { rows } = writer.position();
  const { first, last } = writer.chain.span();
  const referenceFiles = 3;
  const summary = { out, files: files.length + referenceFiles, rows, first, last, seed: options.seed };
  process.stdout.write(`${JSON.stringify(summary)}\n`);
}

try {
  const flags = readFlags(process.argv.slice(2));
  if (flags === 'help') process.stdout.write(`${usage}\n`);
  else await simulate(flags.out, flags.options);
} catch (error) {
  const code = (error as { code?: unknown } | null)?.code;
  const wrongFlags = error instanceof UsageError || (typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS'));
  const text = messageOf(error).split('\n')[0];
  process.stderr.write(wrongFlags ? `${text}; see npm run simulate -- --help\n` : `${text}\n`);
  process.exitCode = wrongFlags ? 2 : 1;
}
