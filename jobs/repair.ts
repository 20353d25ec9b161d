import { markDerivedStale } from '../lib/postgres/rebuild.ts';
import { withOwnRun } from './ownRun.ts';
import type { Pipeline, Report } from './pipeline.ts';
import { nothingProduced, runStep } from './runStep.ts';
import { consumeRun } from './runs.ts';

/**
 * Makes MongoDB and the CSVs anew from PostgreSQL, by a run that reads no files; with `figures` also what PostgreSQL
 * itself derives from its events. @throws TillcastError ETL_RUN_OPEN, or of the step that failed
 */
export async function repair(pipeline: Pipeline, figures: boolean, report: Report): Promise<void> {
  const { runId } = await withOwnRun(
    pipeline,
    { trigger: 'repair', readsFiles: false },
    report,
    async (run, _signal, kept) => {
      await markDerivedStale(pipeline.db, figures);
      await runStep(pipeline, run, 'produce', kept, async () => nothingProduced);
    },
  );
  await consumeRun(pipeline, runId, report);
}
