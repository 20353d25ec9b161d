import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { linearTrend } from '../../lib/core/linearTrend.ts';
import { query } from '../../lib/postgres/pool.ts';
import { withPublication } from '../../lib/postgres/publication.ts';
import { withDataset } from '../e2e/dataFixture.ts';

const input = {
  runId: 'x',
  combinedDays: 92,
  dailyDays: 400,
  timeZone: 'UTC',
  escapeFormulas: true,
  silentDays: 7,
  fitTrend: linearTrend,
};

test('a connection lost before the first row of a file is read fails that file with an error of PostgreSQL', async () => {
  await withDataset({}, async ({ pipeline: { db, holder } }) => {
    let chunks = 0;
    const publishing = withPublication(db, input, async (publication) => {
      const ended = await query<{ ended: boolean }>(
        db,
        `SELECT pg_terminate_backend(pid, 5000) AS ended FROM pg_stat_activity
         WHERE application_name = $1 AND pid <> pg_backend_pid()`,
        [holder],
      );
      expect(ended.length).toBeGreaterThan(0);
      const rows = publication.copy('delta_quantity');
      // As writePending does: the file is opened before the rows are asked for.
      await sleep(300);
      for await (const _ of rows) chunks += 1;
    });
    await expect(publishing).rejects.toMatchObject({
      code: 'ETL_PG',
      retryable: true,
      message: expect.stringMatching(/terminat|not queryable/),
    });
    expect(chunks).toBe(0);
  });
});
