import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { newestRuns } from '../../lib/postgres/ledger.ts';
import { openTestDataset, type TestDataset } from '../support/dataset.ts';
import { type StartProcess, startProcess } from '../support/startProcess.ts';

const minute = 60_000;
const header = 'trans_id,item_id,store_id,date_time,quantity,change_type_id';
let dataset: TestDataset;
let running: StartProcess | undefined;

afterEach(async () => {
  await running?.stop();
  await dataset.close();
});

async function goodRuns(): Promise<{ run_id: string; trigger: string; covers: Date[] }[]> {
  const runs = await newestRuns(dataset.pipeline.db, 100);
  return runs.filter((run) => run.status.startsWith('succeeded')).reverse();
}

async function untilRuns(count: number, patienceMs: number): Promise<void> {
  const until = Date.now() + patienceMs;
  while ((await goodRuns()).length < count) {
    if (Date.now() > until) throw new Error(`fewer than ${count} runs:\n${running?.lines.join('\n')}`);
    await sleep(500);
  }
}

test(
  'the clock starts a run each minute by itself, and one catch-up run names the slots that were missed',
  async () => {
    dataset = await openTestDataset({ SCHEDULE: '* * * * *' });
    dataset.write('inventory_change_1.csv', `${header}\n{a},1,1,2026-01-05 10:00,-1,1\n`);
    running = startProcess(dataset, { SCHEDULE: '* * * * *' });
    await untilRuns(4, 5 * minute);
    const before = await goodRuns();
    // The first is of the start-up, the others of three ticks in a row.
    const slots = before.map((run) => run.run_id);
    expect(new Set(slots).size).toBe(slots.length);
    expect(before.slice(1).map((run) => run.trigger)).toEqual(before.slice(1).map(() => 'clock'));
    expect(await running.stop()).toBe(0);

    await sleep(3 * minute + 5_000);
    running = startProcess(dataset, { SCHEDULE: '* * * * *' });
    await untilRuns(before.length + 1, 2 * minute);
    const catchUp = (await goodRuns())[before.length];
    expect(catchUp?.covers.length).toBeGreaterThanOrEqual(3);
    const minutes = (catchUp?.covers ?? []).map((slot) => slot.getTime() / minute);
    expect(minutes).toEqual(minutes.map((_, index) => (minutes[0] ?? 0) + index));
  },
  15 * minute,
);

test(
  'a worker that is killed mid-run is started again and its run completed without a person',
  async () => {
    dataset = await openTestDataset();
    const lines = Array.from(
      { length: 60_000 },
      (_, n) => `{t${n}},${n % 500},1,2026-01-05 10:${String(n % 60).padStart(2, '0')},-1,1`,
    );
    dataset.write('inventory_change_1.csv', `${header}\n${lines.join('\n')}\n`);
    running = startProcess(dataset, {});
    await running.saw(/opened: start-up run/, minute);
    await sleep(700);
    const { execFileSync } = await import('node:child_process');
    const worker = execFileSync('pgrep', ['-P', String(running.child.pid), '-f', 'worker.ts'])
      .toString()
      .trim()
      .split('\n')[0];
    process.kill(Number(worker), 'SIGKILL');
    await running.saw(/the worker ended \(SIGKILL\)/, minute);
    await running.saw(/first run done/, 2 * minute);
    expect(dataset.rows('delta_quantity.csv').reduce((sum, row) => sum + Number(row.delta_quantity), 0)).toBe(-60_000);
  },
  5 * minute,
);
