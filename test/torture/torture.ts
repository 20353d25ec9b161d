import { setMaxListeners } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openGate } from './gate.ts';
import { type Round, runLane } from './lane.ts';
import { attacks, type PlannedAttack, titleOf } from './plan.ts';
import { openScore, type Score } from './score.ts';
import { openServers } from './servers.ts';

/** `kills`: how many attacks; `hours`: instead of so many, for so long. `lanes`: datasets that are attacked side by side. */
export type TortureOptions = Readonly<{
  seed: number;
  kills: number;
  hours?: number;
  lanes: number;
  /** With attacks that take a minute each. */
  slow: boolean;
  only?: RegExp;
}>;

export type TortureResult = Readonly<{
  ok: boolean;
  score: Score;
  /** Kept only where something was not right. */
  home?: string;
  stopped: boolean;
}>;

/** After so many rounds that went wrong there is enough to look at. */
const enoughFailures = 5;

/** Brings up servers of its own, attacks until enough was attacked, and clears up unless something was not right. */
export async function torture(
  options: TortureOptions,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<TortureResult> {
  const home = mkdtempSync(join(tmpdir(), 'tillcast-torture-'));
  // PostgreSQL runs as another user where we are root, and must be able to enter.
  chmodSync(home, 0o755);
  const score = openScore();
  const faults: unknown[] = [];
  const stop = new AbortController();
  // Each process that runs listens to it.
  setMaxListeners(0, stop.signal, signal);
  const both = AbortSignal.any([signal, stop.signal]);
  setMaxListeners(0, both);
  try {
    const servers = await openServers(join(home, 'servers'), say, signal);
    try {
      const gate = openGate();
      const nextOf = dealer(options, score, both);
      const lanes = Array.from({ length: options.lanes }, (_, lane) =>
        runLane({
          lane,
          seed: options.seed,
          home,
          servers,
          gate,
          signal: both,
          next: () => nextOf(lane),
          tell(round) {
            score.add(round);
            say(progress(round, score));
          },
        }).catch((error: unknown) => {
          if (!both.aborted) faults.push(error);
          stop.abort(error);
        }),
      );
      await Promise.all(lanes);
    } finally {
      await servers.stop();
    }
  } finally {
    const fine = score.failed().length === 0 && faults.length === 0;
    if (fine) rmSync(home, { recursive: true, force: true });
  }
  if (faults.length > 0) throw faults[0];
  const ok = score.failed().length === 0 && !signal.aborted;
  return { ok, score, stopped: signal.aborted, ...(score.failed().length > 0 ? { home } : {}) };
}

/** Deals the attacks of the plan to the lanes in turn, so that each lane's share hangs on the seed alone. */
function dealer(options: TortureOptions, score: Score, signal: AbortSignal) {
  const until = options.hours === undefined ? undefined : Date.now() + options.hours * 3_600_000;
  const plans = Array.from({ length: options.lanes }, () => attacks(options.seed, options));
  return (lane: number): PlannedAttack | undefined => {
    if (signal.aborted || score.failed().length >= enoughFailures) return undefined;
    if (until !== undefined && Date.now() > until) return undefined;
    for (let planned = plans[lane]?.next().value; planned !== undefined; planned = plans[lane]?.next().value) {
      if (until === undefined && planned.index >= options.kills) return undefined;
      if (planned.index % options.lanes === lane) return planned;
    }
    return undefined;
  };
}

function progress(round: Round, score: Score): string {
  const { attack, index } = round.planned;
  const head = `${new Date().toISOString().slice(11, 19)} ${String(score.kills()).padStart(3)} · #${index} ${round.dataset}: ${titleOf(attack)}`;
  const tail = `${round.findings.events} events, ${round.polls} looks; ${round.delivered}`;
  if (round.problems.length === 0) return `${head}: survived, recovered in ${round.seconds.toFixed(1)} s, ${tail}`;
  const shown = round.problems.slice(0, 20).map((problem) => `    ${problem}`);
  const more = round.problems.length > 20 ? [`    … and ${round.problems.length - 20} more`] : [];
  return [`${head}: NOT RIGHT (${tail}), see ${round.folder}`, ...shown, ...more].join('\n');
}
