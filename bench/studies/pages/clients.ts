import { setTimeout as sleep } from 'node:timers/promises';
import { dashboard } from './addresses.ts';
import type { WebProcess } from './webProcess.ts';

/** What clients saw that loaded the dashboard again and again. Milliseconds of whole loads and of single answers. */
export type Load = Readonly<{
  clients: number;
  loads: number[];
  answers: number[];
  /** Loads that began anew, as another run was shown. */
  anew: number;
  /** Loads whose parts named more than one run: must be none. */
  mixed: number;
  failed: number;
  runs: string[];
}>;

const pauseMs = 2_000;

/** `count` clients load the dashboard, each every two seconds, until `work` is done. */
export async function whileClientsLoad(web: WebProcess, count: number, work: () => Promise<void>): Promise<Load> {
  const [loads, answers, runs]: [number[], number[], Set<string>] = [[], [], new Set()];
  const tally = { anew: 0, mixed: 0, failed: 0 };
  let working = true;

  async function load(): Promise<void> {
    const from = performance.now();
    const first = await web.ask(dashboard[0]);
    answers.push(first.ms);
    if (first.status !== 200) {
      tally.failed += 1;
      return;
    }
    const run = runOf(first.text);
    const rest = await Promise.all(dashboard.slice(1).map((path) => web.ask(`${path}?run=${run}`)));
    answers.push(...rest.map(({ ms }) => ms));
    if (rest.some(({ status }) => status === 409)) {
      tally.anew += 1;
      return load();
    }
    if (rest.some(({ status }) => status !== 200)) tally.failed += 1;
    else if (rest.some(({ text }) => runOf(text) !== run)) tally.mixed += 1;
    runs.add(run);
    loads.push(performance.now() - from);
  }

  const clients = Array.from({ length: count }, async (_, at) => {
    await sleep((at * pauseMs) / count);
    while (working) {
      await load();
      await sleep(pauseMs);
    }
  });
  try {
    await work();
  } finally {
    working = false;
    await Promise.all(clients);
  }
  return { clients: count, loads, answers, ...tally, runs: [...runs] };
}

const runOf = (text: string) => /"run":\{"run_id":"([^"]+)"/.exec(text)?.[1] ?? '';
