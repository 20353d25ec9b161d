import { runCommand, say } from '../../jobs/command.ts';
import { type TortureOptions, torture } from './torture.ts';

const help = `
npm run torture -- [--kills N] [--seed S] [--hours H] [--lanes L] [--only R]

Simulates stores and attacks runs of real processes on four servers of its own: kill -9 at every fail point and at any
moment, processes that sleep past their lease, servers killed and paused in mid-run. After each attack an oracle of its
own checks events, totals, stock, rejects, offsets, MongoDB and CSVs; a reader polls all the time for half-runs.
  --kills N   how many attacks (200)
  --seed S    the same seed plans the same attacks and the same exports (1); moments hang on the machine
  --hours H   goes on for so many hours, however many attacks that are
  --lanes L   datasets that are attacked side by side (3)
  --only R    only attacks whose title matches this regular expression, like 'zombie' or 'mid_rename|PostgreSQL'
Prints a table and, last, one line of JSON. Exit 1 with the differences if anything was lost, double or not right; the
folder is kept then. Ctrl-C ends it and its servers.
`;

const number = (name: string, text: string | undefined, fallback: number): number => {
  if (text === undefined) return fallback;
  if (!/^\d+(\.\d+)?$/.test(text) || Number(text) <= 0)
    throw new Error(`--${name}: expected a number above 0, got "${text}"`);
  return Number(text);
};

await runCommand({
  help,
  flags: {
    kills: { type: 'string' },
    seed: { type: 'string' },
    hours: { type: 'string' },
    lanes: { type: 'string' },
    only: { type: 'string' },
  },
  async run(flags, signal) {
    const options: TortureOptions = {
      kills: Math.ceil(number('kills', flags.kills, 200)),
      seed: Math.floor(number('seed', flags.seed, 1)),
      lanes: Math.ceil(number('lanes', flags.lanes, 3)),
      slow: true,
      ...(flags.only === undefined ? {} : { only: new RegExp(flags.only) }),
      ...(flags.hours === undefined ? {} : { hours: number('hours', flags.hours, 1) }),
    };
    const startedAt = Date.now();
    const { ok, score, home, stopped } = await torture(options, say, signal);
    const out = (line: string) => process.stdout.write(`${line}\n`);
    for (const line of score.table()) out(line);
    const span = options.hours === undefined ? `--kills ${options.kills}` : `--hours ${options.hours}`;
    out(
      `\nAgain: npm run torture -- ${span} --seed ${options.seed} --lanes ${options.lanes}${flags.only === undefined ? '' : ` --only '${flags.only}'`}`,
    );
    for (const round of score.failed()) {
      out(`\n${round.dataset}, attack ${round.planned.index}: ${round.delivered}`);
      for (const problem of round.problems) out(`  ${problem}`);
    }
    if (home !== undefined) {
      out(`\nKept: ${home} (each dataset's input, truth, output and programs.log; the servers' data are in servers/:`);
      out(`TILLCAST_HOME=${home}/servers SERVICES=native npm run services -- up starts them)`);
    }
    if (stopped) out('\nStopped before its end.');
    const minutes = Math.round((Date.now() - startedAt) / 6_000) / 10;
    out(JSON.stringify({ ok, seed: options.seed, ...score.summary(), minutes }));
    return ok ? 0 : 1;
  },
});
