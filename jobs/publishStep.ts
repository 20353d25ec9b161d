import { join } from 'node:path';
import { addMonths } from '../lib/core/calendar.ts';
import { linearTrend } from '../lib/core/linearTrend.ts';
import { dropPending, type PendingFile, putInPlace, writePending } from '../lib/output/csvFile.ts';
import { archivedFiles, archiveName, checkSpace, claimOutput, readRunInfo } from '../lib/output/outputFolder.ts';
import { type RunInfo, utcText, writeRunInfo } from '../lib/output/runInfo.ts';
import { findRun, type Run } from '../lib/postgres/ledger.ts';
import {
  notePublished,
  outputNames,
  type Publication,
  type PublicationClock,
  type PublicationInput,
  publishedState,
  withPublication,
} from '../lib/postgres/publication.ts';
import { refreshTrends } from '../lib/postgres/trends.ts';
import { failPoint } from './failPoint.ts';
import type { Pipeline, Report } from './pipeline.ts';

export type PublishDetail = Readonly<{ files: number; archived: number; megabytes: number; trends: number }>;

/**
 * Step 4: the CSVs, from one consistent view of PostgreSQL. All files are complete beside the old ones before the
 * first is renamed; run_info.csv says `publishing` before and `complete` after.
 */
export async function publishStep(
  pipeline: Pipeline,
  run: Run,
  signal: AbortSignal,
  report: Report,
): Promise<PublishDetail> {
  const { db, settings } = pipeline;
  const { outputDir } = settings;
  await claimOutput(outputDir, settings.dataset);
  await checkSpace(outputDir);
  const trends = await refreshTrends(db, linearTrend);
  const before = await publishedState(db);
  const written: PendingFile[] = [];
  try {
    const input: PublicationInput = {
      runId: run.run_id,
      combinedDays: settings.combinedDays,
      dailyDays: settings.dailyDays,
      timeZone: settings.timeZone,
      escapeFormulas: settings.csvFormulaEscape === 'text',
      silentDays: settings.silentDays,
      fitTrend: linearTrend,
    };
    const write: WritePending = async (path, csv) => {
      signal.throwIfAborted();
      written.push(await writePending(path, csv, settings.csvBom));
      failPoint(settings, 'mid_csv');
    };
    // Two connections on one snapshot: events, half of the work, beside all other files.
    const { clock, archived } = await withPublication(db, input, async (publication) => {
      const [archived] = await Promise.all([
        withPublication(db, { ...input, snapshot: publication.snapshot }, (events) =>
          writeEvents(outputDir, events, write, report),
        ),
        writeFigures(outputDir, publication, write),
      ]);
      return { clock: publication.clock, archived };
    });
    signal.throwIfAborted();
    const info = runInfo(settings.dataset, (await findRun(db, run.run_id)) ?? run, clock);
    await writeRunInfo(outputDir, { ...info, state: 'publishing' }, settings.csvBom);
    failPoint(settings, 'before_rename');
    await putInPlace(written);
    failPoint(settings, 'before_run_info');
    const newDay = before.publishedDate === null || (clock.asOfDate ?? '') > before.publishedDate;
    await notePublished(db, clock.asOfDate, archived, before.namesChanged && newDay);
    await writeRunInfo(outputDir, info, settings.csvBom);
    const bytes = written.reduce((sum, file) => sum + file.bytes, 0);
    return { files: written.length + 1, archived: archived.length, megabytes: Math.round(bytes / 1e5) / 10, trends };
  } catch (error) {
    await dropPending(written);
    throw error;
  }
}

/** Says in run_info.csv that a run failed and why; the files there stay those of the run it names. */
export async function publishFailure(pipeline: Pipeline, run: Run, reason: string): Promise<void> {
  const { outputDir, dataset, csvBom } = pipeline.settings;
  await claimOutput(outputDir, dataset);
  const standing = (await readRunInfo(outputDir)) as RunInfo | undefined;
  const info = standing ?? { ...runInfo(dataset, run, noClock), state: 'failed', run_id: '' };
  await writeRunInfo(outputDir, { ...info, status: 'failed', reason: `run ${run.run_id}: ${reason}` }, csvBom);
}

type WritePending = (path: string, csv: AsyncIterable<Buffer>) => Promise<void>;

async function writeFigures(outputDir: string, publication: Publication, write: WritePending): Promise<void> {
  for (const name of outputNames) await write(join(outputDir, `${name}.csv`), publication.copy(name));
}

/** combined.csv and the archived months that are due; returns those months. */
async function writeEvents(
  outputDir: string,
  publication: Publication,
  write: WritePending,
  report: Report,
): Promise<string[]> {
  const far = '9999-01-01 00:00:00';
  const from = `${publication.clock.combinedFrom ?? '9998-01-01'} 00:00:00`;
  await write(join(outputDir, 'combined.csv'), await publication.copyEvents(from, far, false));

  const present = await archivedFiles(outputDir);
  const archived: string[] = [];
  const months = await publication.archiveMonths();
  const due = months.filter(({ month, dirty }) => dirty || !present.has(archiveName(month)));
  for (const [index, { month }] of due.entries()) {
    const csv = await publication.copyEvents(`${month} 00:00:00`, `${addMonths(month, 1)} 00:00:00`, true);
    await write(join(outputDir, 'archive', archiveName(month)), csv);
    archived.push(month);
    if (due.length > 3) report(`archive ${month.slice(0, 7)} written`, 90 + Math.round((9 * index) / due.length));
  }
  return archived;
}

const noClock: PublicationClock = {
  asOfUtc: null,
  asOfDate: null,
  openMonth: null,
  forecastMonth: null,
  combinedFrom: null,
};

function runInfo(dataset: string, run: Run, clock: PublicationClock): RunInfo {
  const warned = run.warnings.length > 0;
  return {
    dataset,
    state: 'complete',
    status: warned ? 'succeeded_with_warnings' : 'succeeded',
    reason: run.warnings.join('; '),
    trigger: run.trigger,
    slot: utcText(run.slot),
    covers: run.covers.map(utcText).join(' '),
    opened_at_utc: utcText(run.opened_at),
    published_at_utc: utcText(new Date()),
    files: run.files,
    files_refused: run.files_refused,
    rows_read: run.rows_read,
    rows_new: run.rows_new,
    rows_duplicate: run.rows_duplicate,
    rows_rejected: run.rows_rejected,
    pairs_changed: run.pairs_changed,
    forecast_month: clock.forecastMonth ?? '',
    run_id: run.run_id,
    as_of_utc: clock.asOfUtc ?? '',
  };
}
