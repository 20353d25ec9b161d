import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { runStep } from '../../jobs/runStep.ts';
import { abandonedRun } from '../../lib/postgres/abandoned.ts';
import { beat, claimRun, findRun, finishRun, openRun, openRunRow, type Run } from '../../lib/postgres/ledger.ts';
import { connect, type Database, openDatabase, query } from '../../lib/postgres/pool.ts';
import { failStep, startStep, stepsOf } from '../../lib/postgres/runSteps.ts';
import { openTestDataset, type TestDataset } from '../support/dataset.ts';

let dataset: TestDataset;
let db: Database;
const processes: Database[] = [];

beforeAll(async () => {
  dataset = await openTestDataset();
  db = dataset.pipeline.db;
});
afterEach(async () => {
  for (const open of processes.splice(0)) await open.close();
  const open = await openRunRow(db);
  if (open !== undefined) await finishRun(db, open.run_id, 'failed', 'the test is over', open.holder);
});
afterAll(() => dataset.close());

const newRun = () => ({ runId: randomUUID(), trigger: 'hand' as const, slot: null, covers: [] });

async function opened(): Promise<Run> {
  const opening = await openRun(db, newRun());
  if (!('opened' in opening)) throw new Error('another run is open');
  return opening.opened;
}

/** Another process as PostgreSQL sees it: connections under the holder's name. */
async function otherProcess(holder: string) {
  const own = openDatabase(dataset.pipeline.urls.postgresUrl, dataset.name, holder);
  processes.push(own);
  const client = await connect(own);
  return {
    client,
    async end() {
      client.release();
      processes.splice(processes.indexOf(own), 1);
      await own.close();
    },
  };
}

const holderName = () => `tillcast:test:${randomUUID().slice(0, 8)}`;
const silence = (run: Run) =>
  query(db, `UPDATE run SET heartbeat_at = now() - interval '31 seconds' WHERE run_id = $1`, [run.run_id]);

describe('the ledger of runs', () => {
  test('holds one open run, and tells a second who is there', async () => {
    const run = await opened();
    expect(await openRun(db, newRun())).toMatchObject({ occupied: { run_id: run.run_id } });
    expect(await openRun(db, { ...newRun(), runId: run.run_id })).toMatchObject({ known: { run_id: run.run_id } });
    await finishRun(db, run.run_id, 'succeeded', null);
    expect(await openRun(db, newRun())).toMatchObject({ opened: { status: 'running' } });
  });

  test('opens one of several runs that come at once', async () => {
    const openings = await Promise.all(Array.from({ length: 5 }, () => openRun(db, newRun())));
    expect(openings.filter((opening) => 'opened' in opening)).toHaveLength(1);
    expect(openings.filter((opening) => 'occupied' in opening)).toHaveLength(4);
  });

  test('refuses a run that a living process holds', async () => {
    const run = await opened();
    const holder = holderName();
    const living = await otherProcess(holder);
    expect(await claimRun(db, run.run_id, holder)).toMatchObject({ holder });
    expect(await claimRun(db, run.run_id, 'me')).toBeUndefined();
    expect(await abandonedRun(db)).toBeUndefined();
    // Not even to another piece of work of the same process.
    expect(await claimRun(db, run.run_id, `${holder}#2`)).toBeUndefined();
    await living.end();
  });

  test('gives a run away whose holder has no connection left', async () => {
    const run = await opened();
    const holder = holderName();
    const dying = await otherProcess(holder);
    await claimRun(db, run.run_id, holder);
    await dying.end();
    // PostgreSQL needs a moment to see that a connection is gone.
    while ((await claimRun(db, run.run_id, 'me')) === undefined) await sleep(10);
    expect(await findRun(db, run.run_id)).toMatchObject({ holder: 'me', status: 'running' });
    expect(await beat(db, run.run_id, holder)).toBe(false);
    expect(await beat(db, run.run_id, 'me')).toBe(true);
  });

  test('a beat that had to wait for the apply, which locks the run, is as young as its end', async () => {
    const run = await opened();
    const holder = holderName();
    const applying = await otherProcess(holder);
    await claimRun(db, run.run_id, holder);
    await query(applying.client, 'BEGIN');
    await query(applying.client, 'SELECT FROM run WHERE run_id = $1 FOR UPDATE', [run.run_id]);
    const waiting = beat(db, run.run_id, holder);
    const waits = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'UPDATE run SET heartbeat_at%'`;
    while ((await query(db, waits)).length === 0) await sleep(10);
    const [end] = await query<{ at: Date }>(applying.client, 'SELECT clock_timestamp() AS at');
    await query(applying.client, 'UPDATE run SET applied_at = clock_timestamp() WHERE run_id = $1', [run.run_id]);
    await query(applying.client, 'COMMIT');
    const beating = await waiting;
    await applying.end();
    expect(beating).toBe(true);
    expect(Number((await findRun(db, run.run_id))?.heartbeat_at)).toBeGreaterThanOrEqual(Number(end?.at));
  });

  test('takes a run from a holder that no longer beats, and ends its backends before they can commit', async () => {
    const run = await opened();
    const holder = holderName();
    const stuck = await otherProcess(holder);
    stuck.client.on('error', () => undefined);
    await stuck.client.query('BEGIN');
    await stuck.client.query(`UPDATE dataset SET input_dir = 'of the dead'`);
    await claimRun(db, run.run_id, holder);
    await silence(run);
    expect(await abandonedRun(db)).toMatchObject({ run_id: run.run_id });
    expect(await claimRun(db, run.run_id, 'me')).toMatchObject({ holder: 'me' });
    await expect(stuck.client.query('COMMIT')).rejects.toThrow();
    expect(await query(db, 'SELECT input_dir FROM dataset')).toEqual([{ input_dir: null }]);
    await stuck.end();
  });

  test('passes over steps that are done, and repeats those that failed', async () => {
    const run = await opened();
    const { pipeline } = dataset;
    const worked: string[] = [];
    const step = (name: 'produce' | 'read', detail: object) =>
      runStep(
        pipeline,
        run,
        name,
        () => undefined,
        async () => {
          worked.push(name);
          return { ...detail };
        },
      );
    await step('produce', { rows: 7 });
    expect(await step('produce', { rows: 8 })).toEqual({ rows: 7 });
    await failStep(db, run.run_seq, 'read', await startStep(db, run.run_seq, 'read'), 'no broker');
    expect(await step('read', { rows: 9 })).toEqual({ rows: 9 });
    expect(worked).toEqual(['produce', 'read']);
    const steps = await stepsOf(db, run.run_seq);
    expect(steps.map(({ step: name, attempt, error }) => [name, attempt, error])).toEqual([
      ['produce', 1, null],
      ['read', 1, 'no broker'],
      ['read', 2, null],
    ]);
  });

  test('opens a failed run again for whoever retries it, but not beside another open run', async () => {
    const run = await opened();
    await finishRun(db, run.run_id, 'failed', 'disk full');
    const other = await opened();
    expect(await claimRun(db, run.run_id, 'me')).toBeUndefined();
    await finishRun(db, other.run_id, 'succeeded', null);
    expect(await claimRun(db, run.run_id, 'me')).toMatchObject({ status: 'running', reason: null, finished_at: null });
    // Nobody but its holder ends it.
    expect(await finishRun(db, run.run_id, 'failed', 'a process of the past', 'gone#1')).toBe(false);
    await finishRun(db, run.run_id, 'succeeded', null, 'me');
    expect(await claimRun(db, run.run_id, 'me')).toBeUndefined();
    expect(await findRun(db, run.run_id)).toMatchObject({ status: 'succeeded', holder: null });
  });
});
