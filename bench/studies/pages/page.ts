import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { markdownTable, spread } from '../../tables.ts';
import type { AddressCost } from '../pages.ts';
import { dashboard } from './addresses.ts';
import type { BrowserTimes } from './browserTimes.ts';
import type { Load } from './clients.ts';

export type Result = Readonly<{
  command: string;
  pairs: number;
  months: number;
  events: number;
  servers: readonly string[];
  /** Milliseconds to make a view. */
  views: readonly number[];
  costs: readonly AddressCost[];
  /** MB resident of the server: a view made, each address asked for, the most in between. */
  memory: readonly { started: number; answered: number; peak: number }[];
  /** In a real browser, by a server that has just started; and its memory afterwards. */
  browser: BrowserTimes;
  browserMemory: { now: number; peak: number };
  load: Load;
  loadMemory: { now: number; peak: number };
  /** Seconds of an hour with nobody looking, and with all clients. */
  hours: { alone: number; beside: number };
}>;

const ms = (value: number) => `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;
const mb = (value: number) => `${value.toFixed(0)} MB`;
const most = (values: readonly number[]) => Math.max(...values);

/** pages.json and pages.md of a result. */
export async function writePages(resultsDir: string, result: Result): Promise<void> {
  const rounded = JSON.stringify(result, (_key, value) =>
    typeof value === 'number' ? Number(value.toFixed(3)) : value,
  );
  writeFileSync(join(resultsDir, 'pages.json'), `${rounded}\n`);
  writeFileSync(join(resultsDir, 'pages.md'), page(result));
}

function page(result: Result): string {
  const {
    command,
    pairs,
    months,
    events,
    servers,
    views,
    costs,
    memory,
    load,
    loadMemory,
    hours,
    browser,
    browserMemory,
  } = result;
  const view = spread(views);
  const json = costs.filter(({ address }) => !address.includes('.csv'));
  const slowest = json.reduce((one, other) => (spread(other.cold).median > spread(one.cold).median ? other : one));
  const table = markdownTable(
    ['address', 'bytes', 'first: median', 'slowest', 'again: median', 'p95'],
    costs.map(({ address, bytes, cold, warm }) => {
      const again = spread(warm);
      const opened = (dashboard as readonly string[]).includes(address) ? ' *' : '';
      return [
        `\`${address}\`${opened}`,
        bytes,
        ms(spread(cold).median),
        ms(most(cold)),
        ms(again.median),
        ms(again.p95),
      ];
    }),
  );
  const whole = spread(load.loads);
  const single = spread(load.answers);
  return `# How fast pages get their answers

\`${command}\`: ${pairs.toLocaleString('en-US')} pairs of store and item, ${months} months, ${events.toLocaleString('en-US')} events, simulated;
${servers.join(', ')}, the web server in a process of its own, all on one machine.

- **A view** (the state of a publication, made before it is shown) takes ${ms(view.median)} (median of ${views.length}, slowest ${ms(most(views))}).
- **The slowest first answer** is \`${slowest.address}\`: ${ms(spread(slowest.cold).median)}. Answers that were made once come in ${ms(spread(json.flatMap(({ warm }) => warm)).median)}.
- **Memory** of the server, median: ${mb(spread(memory.map(({ started }) => started)).median)} with a view made, ${mb(spread(memory.map(({ answered }) => answered)).median)} after every address, two downloads of all
  pairs among them; at most ${mb(most(memory.map(({ peak }) => peak)))}, with ${load.clients} clients ${mb(loadMemory.peak)}.
- **${load.clients} clients** loaded the dashboard (${dashboard.length} answers, pinned to one run) every 2 s while an hour ran and published:
  ${load.loads.length} loads, median ${ms(whole.median)}, p95 ${ms(whole.p95)}, slowest ${ms(most(load.loads))}; single answers median ${ms(single.median)}, p95 ${ms(single.p95)}.
  They saw ${load.runs.length} runs. ${load.anew} loads began anew as the state moved on, **${load.mixed} mixed two runs, ${load.failed} failed**. The hour took ${hours.beside.toFixed(1)} s
  beside them, ${hours.alone.toFixed(1)} s with nobody looking (clients, servers and the run share the machine's cores).

## In a browser

A person's wait, in Chromium with nothing kept, by a server that has just started (the first row is its very first page). First figures: the key figures,
or the table above all. Whole: every answer in place and every chart drawn. The server's memory after all of it: ${mb(browserMemory.now)}, at most ${mb(browserMemory.peak)}.

${markdownTable(
  ['page', 'first paint', 'first figures', 'whole'],
  browser.opened.map(({ page: name, firstPaint, figures, whole: all }) => [
    `\`${name}\``,
    ms(firstPaint),
    ms(figures),
    ms(all),
  ]),
)}

${markdownTable(
  ['filter', 'all answers in place after'],
  browser.filters.map(({ filter, ms: took }) => [filter, ms(took)]),
)}

## Address by address

First: the server has just started and keeps nothing (${costs[0]?.cold.length} starts). Again: it keeps the answer. * the dashboard asks for it when
it is opened. Downloads are made anew each time.

${table}
`;
}
