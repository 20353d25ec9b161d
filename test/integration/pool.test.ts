import { afterAll, beforeAll, expect, test } from '@jest/globals';
import copyStreams from 'pg-copy-streams';
import { connect, inTransaction, query } from '../../lib/postgres/pool.ts';
import { openTestDataset, type TestDataset } from '../support/dataset.ts';

let dataset: TestDataset;
beforeAll(async () => {
  dataset = await openTestDataset();
});
afterAll(() => dataset.close());

test('a transaction whose COPY OUT loses its reader fails at once, and the pool goes on', async () => {
  const { db } = dataset.pipeline;
  const failing = inTransaction(db, async (client) => {
    const rows = client.query(copyStreams.to('COPY (SELECT generate_series(1, 5000000)) TO STDOUT'));
    for await (const _ of rows) throw new Error('no space left');
  });
  await expect(failing).rejects.toMatchObject({ code: 'ETL_PG', message: expect.stringContaining('no space left') });
  expect(await query(db, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('a connection that PostgreSQL ends inside a transaction fails that transaction alone', async () => {
  const { db } = dataset.pipeline;
  const failing = inTransaction(db, async (client) => {
    const [self] = await query<{ pid: number }>(client, 'SELECT pg_backend_pid() AS pid');
    const other = await connect(db);
    await query(other, 'SELECT pg_terminate_backend($1)', [self?.pid]);
    other.release();
    await query(client, 'SELECT pg_sleep(5)');
  });
  await expect(failing).rejects.toMatchObject({ code: 'ETL_PG', retryable: true });
  expect(await query(db, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});
