import { setTimeout as sleep } from 'node:timers/promises';
import { handOn } from '../../jobs/consume.ts';
import { countRows } from '../../jobs/countRows.ts';
import { withOwnRun } from '../../jobs/ownRun.ts';
import { produceStep } from '../../jobs/produceStep.ts';
import { runStep } from '../../jobs/runStep.ts';
import { linearTrend } from '../../lib/core/linearTrend.ts';
import { type Database, openDatabase } from '../../lib/postgres/pool.ts';
import { openViews, type Views } from '../../lib/postgres/view/openViews.ts';
import type { PublishedView } from '../../lib/postgres/view/publishedView.ts';
import type { TestDataset } from './dataset.ts';

const quiet = () => undefined;

export const viewSettings = {
  combinedDays: 92,
  dailyDays: 400,
  timeZone: 'UTC',
  escapeFormulas: false,
  silentDays: 7,
  fitTrend: linearTrend,
} as const;

/** What a server of pages opens, on connections of its own. `url`: another way to the same PostgreSQL. */
export function openTestViews(
  dataset: TestDataset,
  url = dataset.pipeline.urls.postgresUrl,
): { views: Views; db: Database; close(): Promise<void> } {
  const db = openDatabase(url, dataset.name, `${dataset.pipeline.holder}:pages`);
  const views = openViews(db, viewSettings);
  return {
    views,
    db,
    async close() {
      await views.close();
      await db.close();
    },
  };
}

/** A run that stops after its rows count; `between` looks on, then it publishes unless it says 'unpublished'. */
export async function halfRun(
  dataset: TestDataset,
  between: (runId: string) => Promise<'unpublished' | undefined>,
): Promise<string> {
  const { pipeline } = dataset;
  // A run is named by its second.
  await sleep(1_000);
  const { runId } = await withOwnRun(pipeline, { trigger: 'repair', readsFiles: true }, quiet, async (run, signal) => {
    await runStep(pipeline, run, 'produce', quiet, () => produceStep(pipeline, run, signal, quiet));
    const counted = await countRows(pipeline, run, signal, quiet);
    if ((await between(run.run_id)) !== 'unpublished') await handOn(pipeline, run, counted, signal, quiet);
  });
  return runId;
}

/** The view of a run, once it is the shown one. */
export async function viewOf(views: Views, runId: string, state = 'published'): Promise<PublishedView> {
  const end = Date.now() + 10_000;
  for (;;) {
    const view = await views.current();
    if (view?.runId === runId && view.state === state) return view;
    if (Date.now() > end) throw new Error(`${runId} ${state} is not shown, but ${view?.runId} ${view?.state}`);
    await sleep(50);
  }
}
