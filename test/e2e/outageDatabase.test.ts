import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect } from '@jest/globals';
import pg from 'pg';
import { connect, openDatabase, query } from '../../lib/postgres/pool.ts';
import { stepsOf } from '../../lib/postgres/runSteps.ts';
import { ownServers } from '../support/ownServers.ts';
import { testServices } from '../support/services.ts';
import { sideBySide } from '../support/sideBySide.ts';
import { openProxy } from '../support/tcpProxy.ts';
import { undisturbed } from './dataKillFixture.ts';
import { deliver, expectUndisturbed, rowsOf, withResident } from './outageFixture.ts';

type Files = ReadonlyMap<string, string>;

const shared = testServices();
const secondHalf = { status: 'succeeded', rows_new: rowsOf(1) - rowsOf(0.5) };

/** The proxy passes COMMIT of apply on, keeps its answer to itself, and cuts. */
async function lostAnswer(files: Files) {
  const proxy = await openProxy(shared.postgresUrl);
  let lost = 0;
  proxy.onClientData = (chunk, connection) => {
    if (chunk.includes('apply_context')) connection.seen.set('apply', true);
    if (!connection.seen.get('apply') || !chunk.includes('COMMIT\0')) return;
    connection.swallowed = true;
    lost += 1;
    setTimeout(() => connection.cut(), 500);
  };
  try {
    await withResident({ ...shared, postgresUrl: proxy.through(shared.postgresUrl) }, shared, async (resident) => {
      deliver(resident, 0.5);
      await resident.run();
      deliver(resident, 1);
      const run = await resident.run();
      expect(run).toMatchObject(secondHalf);
      // The step was recorded by the very transaction whose answer was lost.
      const steps = (await stepsOf(resident.dataset.pipeline.db, run.run_seq)).filter(({ step }) => step === 'apply');
      expect(steps).toMatchObject([{ attempt: 1, error: null }]);
      expect(lost).toBe(2);
      expect(resident.dataset.said.join('\n')).toContain('apply failed at attempt 1: ETL_PG');
      await expectUndisturbed(resident, files);
    });
  } finally {
    await proxy.close();
  }
}

async function killedInTransaction(files: Files) {
  const own = await ownServers(['postgres']);
  try {
    await withResident(own.urls, own.urls, async (resident) => {
      deliver(resident, 0.5);
      await resident.run();
      // Holds apply at its first write to the totals, inside its transaction.
      const holding = await connected(own.urls.postgresUrl);
      await holding.query(`BEGIN; LOCK TABLE tillcast_${resident.dataset.name}.store_item IN EXCLUSIVE MODE`);
      deliver(resident, 1);
      const running = resident.run();
      const waiting = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name LIKE 'tillcast:%'`;
      while ((await holding.query(waiting)).rowCount === 0) await sleep(50);
      await own.kill('postgres');
      await own.start();
      expect(await running).toMatchObject(secondHalf);
      await holding.end().catch(() => undefined);
      await expectUndisturbed(resident, files);
    });
  } finally {
    await own.close();
  }
}

async function allConnectionsTaken(files: Files) {
  const own = await ownServers(['postgres']);
  try {
    await withResident(own.urls, own.urls, async (resident) => {
      deliver(resident, 0.5);
      await resident.run();
      deliver(resident, 1);
      let taken: Promise<void> | undefined;
      resident.onLine.call = (line) => {
        if (line.startsWith('read:')) taken ??= takeAll(own.urls.postgresUrl, 6_000);
      };
      expect(await resident.run()).toMatchObject(secondHalf);
      await taken;
      expect(resident.dataset.said.join('\n')).toMatch(
        /PostgreSQL 53300 .*close other programs or raise max_connections; it is tried again, nothing is lost/,
      );
      await expectUndisturbed(resident, files);
    });
  } finally {
    await own.close();
  }
}

/** Ends the connections of tillcast and takes every place there is, for `ms`. */
async function takeAll(url: string, ms: number) {
  const others = [await connected(url)];
  for (let refused = false; !refused; ) {
    await connected(url).then(
      (other) => others.push(other),
      () => {
        refused = true;
      },
    );
  }
  await others[0]?.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'tillcast:%'`,
  );
  for (const until = Date.now() + ms; Date.now() < until; ) {
    await connected(url).then(
      (other) => others.push(other),
      () => sleep(20),
    );
  }
  for (const other of others) await other.end();
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function ownPoolBlocked() {
  const db = openDatabase(shared.postgresUrl, 'no_dataset', 'a blocked pool');
  try {
    const taken = await Promise.all(Array.from({ length: db.pool.options.max }, () => connect(db)));
    try {
      await expect(query(db, 'SELECT 1 AS one')).rejects.toMatchObject({
        code: 'ETL_PG',
        retryable: true,
        message: expect.stringMatching(/timeout exceeded.*it is tried again, nothing is lost$/),
      });
    } finally {
      // Not given back, they would keep the pool from closing, and this test from ending.
      for (const client of taken) client.release();
    }
    expect(await query(db, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  } finally {
    await db.close();
  }
}

describe('PostgreSQL', () => {
  sideBySide(undisturbed, {
    'COMMIT of apply was sent and its answer lost: the run goes on, nothing is doubled': lostAnswer,
    'killed in mid-transaction and started again: nothing of it counts, and the run ends well by itself':
      killedInTransaction,
    'with all connections taken by others: a run says so, waits, and goes on when they are given back':
      allConnectionsTaken,
    'the own pool blocked for longer than it waits: an error that says it is tried again, then success': ownPoolBlocked,
  });
});
