import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { verify } from '../../jobs/verify.ts';
import { findRun, type Run } from '../../lib/postgres/ledger.ts';
import { query } from '../../lib/postgres/pool.ts';
import type { StepName } from '../../lib/postgres/runSteps.ts';
import { changes } from '../e2e/dataFixture.ts';
import type { TestDataset } from '../support/dataset.ts';
import type { StartProcess } from '../support/startProcess.ts';

/** The issue's own bound: a run that lost its worker or its queue is complete after so long, without a person. */
export const promisedMs = 90_000;

/** So many sales of one unit each, no two alike, `from` on. */
export function sales(rows: number, from = 0): string {
  const minute = (n: number) => String(n % 60).padStart(2, '0');
  return changes(
    ...Array.from(
      { length: rows },
      (_, n) => `{t${from + n}},${(from + n) % 500},${1 + (n % 3)},2026-01-05 10:${minute(n)},-1,1`,
    ),
  );
}

type StepUnderWay = Readonly<{ run_id: string; step: StepName; workerPid: number }>;

/** Waits until a living worker is in the middle of `step` of a run not in `but`, and says which. */
export async function untilInStep(
  dataset: TestDataset,
  running: StartProcess,
  step: StepName,
  but: readonly string[] = [],
): Promise<StepUnderWay> {
  for (const until = Date.now() + promisedMs; Date.now() < until; await sleep(10)) {
    const [found] = await query<{ run_id: string; holder: string }>(
      dataset.pipeline.db,
      `SELECT r.run_id, r.holder FROM run r
       JOIN LATERAL (SELECT * FROM run_step s WHERE s.run_seq = r.run_seq ORDER BY started_at DESC LIMIT 1) s ON true
       WHERE r.finished_at IS NULL AND r.holder IS NOT NULL AND s.step = $1 AND s.finished_at IS NULL
         AND s.error IS NULL AND NOT r.run_id = ANY ($2)`,
      [step, but],
    );
    // A holder is `tillcast:pid:…#lease`.
    const workerPid = Number(found?.holder.split(':')[1]);
    if (found !== undefined && isAlive(workerPid)) return { run_id: found.run_id, step, workerPid };
  }
  throw new Error(`no worker came to step ${step}:\n${running.lines.join('\n')}`);
}

/** Kills the worker process as a crash would, in the middle of `step`. */
export async function killWorkerIn(
  dataset: TestDataset,
  running: StartProcess,
  step: StepName,
  but: readonly string[] = [],
): Promise<StepUnderWay> {
  const underWay = await untilInStep(dataset, running, step, but);
  expect(underWay.workerPid).not.toBe(running.child.pid);
  process.kill(underWay.workerPid, 'SIGKILL');
  return underWay;
}

/** Waits for the end of a run, as long as the issue promises; prints what it took. */
export async function untilDone(
  dataset: TestDataset,
  running: StartProcess,
  runId: string,
  what: string,
): Promise<Run> {
  const from = Date.now();
  for (; Date.now() - from < promisedMs; await sleep(100)) {
    const run = await findRun(dataset.pipeline.db, runId);
    if (run?.finished_at == null) continue;
    process.stdout.write(`${what}: complete after ${((Date.now() - from) / 1000).toFixed(1)} s\n`);
    return run;
  }
  throw new Error(`${what}: run ${runId} was not complete within ${promisedMs / 1000} s:\n${running.lines.join('\n')}`);
}

/** Each of `rows` sales of one unit counted once, everywhere. */
export async function expectCountedOnce(dataset: TestDataset, rows: number): Promise<void> {
  expect(await verify(dataset.pipeline, () => undefined)).toMatchObject({ ok: true, listed: [], events: rows });
  const sum = dataset.rows('delta_quantity.csv').reduce((total, row) => total + Number(row.delta_quantity), 0);
  expect(sum).toBe(-rows);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
