import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand, say } from '../jobs/command.ts';
import { TillcastError } from '../lib/core/errors.ts';
import { type Study, withStudy } from './study.ts';

const studies: Readonly<Record<string, { about: string; load(): Promise<Study> }>> = {
  scale: {
    about: 'consumers as 1, 2 and 4 processes that share the partitions',
    load: async () => (await import('./studies/scale.ts')).scale,
  },
  growth: {
    about: 'the cost of an hour on 1 to 12 months of history',
    load: async () => (await import('./studies/growth.ts')).growth,
  },
  latency: {
    about: 'how old rows are when they are stored: producers × databases × row by row, deltas, totals',
    load: async () => (await import('./studies/latency.ts')).latency,
  },
  throughput: {
    about: 'rows per second, files to CSVs, beside PySpark and the ceilings of Kafka, COPY and papaparse',
    load: async () => (await import('./studies/throughput.ts')).throughput,
  },
  forecast: {
    about: 'the planning forecast against what came, on real sets of sales; safety stock; speed',
    load: async () => (await import('./studies/forecast.ts')).forecast,
  },
  pages: {
    about: 'answers for pages on 100,000 pairs and a year: first and again, memory, 50 clients while a run publishes',
    load: async () => (await import('./studies/pages.ts')).pages,
  },
  query: {
    about: 'sums per item and store from events, deltas and totals; which index earns its keep',
    load: async () => (await import('./studies/query.ts')).studyQueries,
  },
};

const names = Object.keys(studies);

const help = `
npm run bench -- ${names.join('|')} [--quick] [--out DIR]

Measures on four servers of its own, with empty data, and stops them afterwards. Figures hold for the machine they were
taken on: compare within one run.
${names.map((name) => `  ${name.padEnd(12)} ${studies[name]?.about}`).join('\n')}
  --quick      a small version in a minute or two: shows that it works, its figures are worth nothing
  --out DIR    where JSON, Markdown table and SVG plots go (bench/results)
`;

const [study = '', ...flags] = process.argv.slice(2);
if (!study.startsWith('-')) process.argv.splice(2, process.argv.length, ...flags);

await runCommand({
  help,
  flags: { quick: { type: 'boolean' }, out: { type: 'string' } },
  async run({ quick = false, out }, signal) {
    const chosen = studies[study];
    if (chosen === undefined) {
      throw new TillcastError('ETL_INPUT', `no study "${study}": expected one of ${names.join(', ')}`);
    }
    const resultsDir = resolve(out ?? fileURLToPath(new URL('results', import.meta.url)));
    mkdirSync(resultsDir, { recursive: true });
    await withStudy({ quick, resultsDir, say, signal }, await chosen.load());
    return 0;
  },
});
