import { randomUUID } from 'node:crypto';
import { claimRun, finishRun, openRun, type Run } from '../../lib/postgres/ledger.ts';
import type { TestDataset } from './dataset.ts';

/** Work under a run of its own that holds the place. */
export async function withHeldRun<T>(dataset: TestDataset, work: (run: Run) => Promise<T>): Promise<T> {
  const { db, holder } = dataset.pipeline;
  const runId = `hand-${randomUUID()}`;
  await openRun(db, { runId, trigger: 'hand', slot: null, covers: [] });
  const run = (await claimRun(db, runId, `${holder}#1`)) as Run;
  try {
    return await work(run);
  } finally {
    await finishRun(db, runId, 'succeeded', null, run.holder);
  }
}
