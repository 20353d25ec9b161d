import { anyInPlace, type PendingFile, putInPlace } from '../lib/output/csvFile.ts';
import { type RunInfo, writeRunInfo } from '../lib/output/runInfo.ts';
import { assertHeld, isStale } from '../lib/postgres/heldRun.ts';
import type { Run } from '../lib/postgres/ledger.ts';
import { forgetPublished } from '../lib/postgres/publication.ts';
import { failPoint } from './failPoint.ts';
import type { Pipeline } from './pipeline.ts';

/**
 * Puts a run's complete files in place: run_info.csv says `publishing`, each file is renamed, `note` records it in
 * PostgreSQL, run_info.csv says `complete`. The lease is looked at before each rename. A folder cannot fence: a process
 * that slept between look and rename may put an older file in place, so a stale one that finds a file of its own there
 * says `publishing` and has the next run write everything again.
 * @throws TillcastError ETL_STALE, ETL_OUTPUT_WRITE
 */
export async function placeFiles(
  pipeline: Pipeline,
  run: Run,
  written: readonly PendingFile[],
  info: RunInfo,
  note: () => Promise<void>,
): Promise<void> {
  const { db, settings } = pipeline;
  const { outputDir, csvBom } = settings;
  const held = () => assertHeld(db, run);
  const placed: PendingFile[] = [];
  try {
    await held();
    placed.push(await writeRunInfo(outputDir, { ...info, state: 'publishing' }, csvBom));
    failPoint(settings, 'before_rename');
    await putInPlace(written, {
      before: held,
      after: (file) => {
        placed.push(file);
        failPoint(settings, 'mid_rename');
      },
    });
    await note();
    await held();
    placed.push(await writeRunInfo(outputDir, info, csvBom));
    await held();
  } catch (error) {
    if (isStale(error) && (await anyInPlace(placed))) {
      await forgetPublished(db);
      const reason = `run ${run.run_id} was taken over while it replaced files: the next run writes all of them again`;
      await writeRunInfo(outputDir, { ...info, state: 'publishing', reason }, csvBom);
    }
    throw error;
  }
}
