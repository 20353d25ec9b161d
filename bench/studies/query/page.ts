import { type Cell, markdownTable } from '../../tables.ts';
import { indexesOf, type Source } from './layouts.ts';
import { questionNames } from './questions.ts';
import { type MeasuredLayout, msOf, ownLayout, type QueryResult, readingOf, withoutIndex } from './result.ts';
import { gainsOf, lossesOf, soonEnoughMs, verdictOf } from './verdict.ts';

const sources: readonly Source[] = ['events', 'deltas', 'totals'];
const targetTimes = 20;

/** query.md: every figure in it comes from the result. */
export function page(result: QueryResult): string {
  const { data, postgres, amount, quick } = result;
  const parts = [
    '# The sum per item and store: what to ask, and which index earns its keep',
    quick ? '**A quick version: it shows that the study works, its figures are worth nothing.**' : '',
    `${postgres}, as \`npm run bench -- query\` starts it; data from ${data.source}: ${count(data.events)} events of ` +
      `${count(data.pairs)} pairs in ${data.months} months; ${count(data.batches)} batches of ${count(amount.perBatch)} ` +
      `events, which make ${count(data.deltas)} deltas (one per batch, store and item). Times are the server's execution ` +
      'time (EXPLAIN ANALYZE, clocks in the plan off), warm, medians; plans are in query.json. Every layout gave the same ' +
      'answers, which the study checks. _One pair_ is the one with the most events ' +
      `(${count(data.busiest.events)}). _Workers_: max_parallel_workers_per_gather.`,
    loadNote(result),
    '![times by question, source and index](query.svg)',
    '## What it comes to',
    summary(result),
    ...sources.flatMap((source) => [`## From ${source}`, readingTable(result, source)]),
    '## Which index earns its keep',
    'Faster, slower: how many times, against the same source without any index (faster: two workers allowed; slower: ' +
      'the worse with and without), from 1.5 times and half a millisecond on, where the plan uses an index. Writing: ' +
      `the server's time for ${count(amount.more)} further events in that form (events and deltas appended, totals ` +
      'upserted batch by batch; the fastest of three), and its ratio to the first line of the source that can be written.',
    verdictTable(result),
    reasons(result),
    '## MongoDB',
    mongoPart(result),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** Above one process a core something else ran too, and only large ratios mean something. */
function loadNote({ load, cores }: QueryResult): string {
  if (load <= cores * 1.5) return '';
  return `**Taken while other work ran** (load average up to ${load.toFixed(1)} on ${cores} cores): only large ratios count.`;
}

function summary(result: QueryResult): string {
  const [events, deltas, totals] = [
    withoutIndex(result, 'events'),
    withoutIndex(result, 'deltas'),
    ownLayout(result, 'totals'),
  ];
  const fastest = Math.min(...result.layouts.filter((l) => l.source === 'events').map((l) => msOf(l, 'all pairs')));
  const times = msOf(events, 'all pairs') / msOf(totals, 'all pairs');
  const table = markdownTable(
    ['all pairs', 'events, one by one', 'one delta a batch', 'maintained totals'],
    [
      ['the ancestors, PostgreSQL', '1,500 ms', '800 ms', null],
      ['the ancestors, MongoDB', '2,400 ms', '1,600 ms', null],
      ['here, no workers', ...[events, deltas, totals].map((layout) => ms(msOf(layout, 'all pairs', 0)))],
      ['here, two workers', ...[events, deltas, totals].map((layout) => ms(msOf(layout, 'all pairs', 2)))],
    ],
  );
  const goals = markdownTable(
    ['to reach', 'measured', 'reached'],
    [
      [
        `all pairs from totals at least ${targetTimes} times faster than from events without an index`,
        `${times.toFixed(0)} times`,
        yes(times >= targetTimes),
      ],
      [
        `the same against the fastest layout of events`,
        `${(fastest / msOf(totals, 'all pairs')).toFixed(0)} times`,
        yes(fastest / msOf(totals, 'all pairs') >= targetTimes),
      ],
      ...(['one pair', 'the 20 lowest'] as const).map((question) => [
        `${question} from totals within ${soonEnoughMs} ms`,
        ms(msOf(totals, question)),
        yes(msOf(totals, question) <= soonEnoughMs),
      ]),
    ],
  );
  return `The ancestors' figures are theirs, for about 6 million rows on their machine.\n\n${table}\n\n${goals}`;
}

function readingTable(result: QueryResult, source: Source): string {
  const headers = questionNames.flatMap((question) => [`${question}, 0 workers`, '2 workers']);
  const rows = of(result, source).map((layout): Cell[] => [
    label(layout),
    indexesOf(layout),
    ...questionNames.flatMap((question) => [ms(msOf(layout, question, 0)), ms(msOf(layout, question, 2))]),
  ]);
  return markdownTable(['layout', 'indexes', ...headers], rows);
}

function verdictTable(result: QueryResult): string {
  const rows = sources.flatMap((source) => {
    const baseline = of(result, source).find(({ writeMs }) => writeMs !== null)?.writeMs;
    return of(result, source).map((layout, place): Cell[] => [
      source,
      label(layout),
      megabytes(layout.tableBytes),
      megabytes(layout.indexBytes),
      layout.writeMs === null ? null : ms(layout.writeMs),
      layout.writeMs === null || !baseline ? null : `${(layout.writeMs / baseline).toFixed(1)}×`,
      times(gainsOf(result, layout)),
      times(lossesOf(result, layout)),
      place === 0 ? '' : verdictOf(result, layout),
    ]);
  });
  return markdownTable(
    ['from', 'layout', 'table', 'indexes', 'writing', 'ratio', 'faster', 'slower', 'earns its keep'],
    rows,
  );
}

function reasons(result: QueryResult): string {
  const totals = ownLayout(result, 'totals');
  const byTotal = result.layouts.find(({ name }) => name === 'key, by total');
  const lines = [
    'Summing all pairs reads every row, so no index can spare the reading; a covering one only makes the rows narrower, and a plain one can do harm.',
    'A BRIN tells which blocks may hold a value. Events and deltas lie in the order of time, so nearly every block holds ' +
      'nearly every store, and nothing is skipped.',
    'Months help where a question names a time. None of these does; they keep the newest index small while rows come, ' +
      'and let old ones go.',
  ];
  lines.push(...misledBy(result));
  if (byTotal !== undefined && byTotal.writeMs !== null && totals.writeMs !== null) {
    lines.push(
      `An index by total turns the 20 lowest from ${ms(msOf(totals, 'the 20 lowest'))} to ` +
        `${ms(msOf(byTotal, 'the 20 lowest'))}, and makes each upsert of totals ` +
        `${(byTotal.writeMs / totals.writeMs).toFixed(1)} times as dear: a total that moves must move in the index too, ` +
        'while without it PostgreSQL rewrites the row in its own page (a HOT update). It pays where the lowest are asked for ' +
        `more than ${breakEven(result, totals, byTotal).toFixed(1)} times a batch.`,
    );
  }
  return lines.map((line) => `- ${line}`).join('\n');
}

/** What a batch pays for the index by total, in answers that it makes sooner. */
function breakEven({ amount }: QueryResult, totals: MeasuredLayout, byTotal: MeasuredLayout): number {
  const batches = Math.floor(amount.more / amount.perBatch);
  const paidMs = ((byTotal.writeMs ?? 0) - (totals.writeMs ?? 0)) / batches;
  return Math.max(0, paidMs) / (msOf(totals, 'the 20 lowest') - msOf(byTotal, 'the 20 lowest'));
}

/** Layouts whose index the planner takes for all pairs although reading the whole table is sooner. */
function misledBy(result: QueryResult): string[] {
  return result.layouts
    .filter((layout) => !layout.statistics && lossesOf(result, layout).has('all pairs'))
    .map((layout) => {
      const bare = withoutIndex(result, layout.source);
      const slowdown = (workers: 0 | 2) => msOf(layout, 'all pairs', workers) / msOf(bare, 'all pairs', workers);
      const workers = slowdown(0) > slowdown(2) ? 0 : 2;
      const expected = Number(/ rows=(\d+)/.exec(readingOf(layout, 'all pairs', workers).plan[0] ?? '')?.[1]);
      const told = result.layouts.find(
        (other) => other.source === layout.source && other.name === `${layout.name}, statistics`,
      );
      const after =
        told === undefined
          ? ''
          : `; told how many pairs there are (CREATE STATISTICS), ${ms(msOf(told, 'all pairs', workers))}`;
      return (
        `${layout.source}, ${layout.name}: PostgreSQL expects ${count(expected)} pairs where there are ` +
        `${count(result.data.pairs)}, takes a hash of them for too large, and walks through the table by the index: ` +
        `${ms(msOf(layout, 'all pairs', workers))} for all pairs (${workers} workers) instead of ` +
        `${ms(msOf(bare, 'all pairs', workers))} without it${after}.`
      );
    });
}

function mongoPart({ mongo }: QueryResult): string {
  const ferret = mongo.server.startsWith('FerretDB');
  const bound = ferret
    ? 'Its `$group` takes time quadratic in the number of groups and only an exact `_id` finds a document without reading ' +
      'the whole collection, so the events are few; these figures say nothing about MongoDB itself.'
    : 'The events are fewer than for PostgreSQL, so that loading them ends in time.';
  const rows = sources.flatMap((source) =>
    (['none', 'covering'] as const).map((index): Cell[] => [
      source,
      index === 'none' ? '_id alone' : '{store_id, item_id, quantity}',
      ...questionNames.map((question) =>
        ms(mongo.readings.find((r) => r.source === source && r.index === index && r.question === question)?.ms ?? NaN),
      ),
    ]),
  );
  return (
    `**${mongo.server}** answered, with ${count(mongo.events)} events, ${count(mongo.deltas)} deltas and ` +
    `${count(mongo.pairs)} totals. ${bound} Times until the client holds the answer, medians; one pair of the totals is ` +
    `asked for by \`_id\`.\n\n${markdownTable(['from', 'index', ...questionNames], rows)}`
  );
}

const of = (result: QueryResult, source: Source) => result.layouts.filter((layout) => layout.source === source);
const label = ({ name, own }: MeasuredLayout) => (own ? `${name} (tillcast)` : name);
const times = (by: ReadonlyMap<string, number>) =>
  [...by].map(([question, n]) => `${question} ${count(n)}×`).join(', ');
const yes = (reached: boolean) => (reached ? 'yes' : 'no');
const count = (value: number) => value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 1 : 0 });
const megabytes = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(1)} MB`;

/** Three figures are as many as such a measurement is good for. */
function ms(value: number): string {
  return `${value.toLocaleString('en-US', { maximumSignificantDigits: 3 })} ms`;
}
