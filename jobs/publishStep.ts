import { sep } from 'node:path';
import { messageOf } from '../lib/core/errors.ts';
import { linearTrend } from '../lib/core/linearTrend.ts';
import { dropPending } from '../lib/output/csvFile.ts';
import {
  archivedFiles,
  archiveName,
  checkSpace,
  claimOutput,
  dropLeftovers,
  dropStrangers,
  readRunInfo,
} from '../lib/output/outputFolder.ts';
import { type RunInfo, utcText, writeRunInfo } from '../lib/output/runInfo.ts';
import { writeCompanions } from '../lib/output/tableau/companions.ts';
import { assertHeld } from '../lib/postgres/heldRun.ts';
import { findRun, type Run, runCounts, warnRun } from '../lib/postgres/ledger.ts';
import { archiveMonths, notePublished, type PublicationClock, publishedState } from '../lib/postgres/publication.ts';
import { clearWarnings } from '../lib/postgres/runWarnings.ts';
import { refreshTrends } from '../lib/postgres/trends.ts';
import type { HandedOver } from '../lib/postgres/view/handOver.ts';
import { failPoint } from './failPoint.ts';
import { refreshForecasts } from './forecastStep.ts';
import type { Pipeline, Report } from './pipeline.ts';
import { placeFiles } from './placeFiles.ts';
import { sideBySide } from './sideBySide.ts';
import { writeOutputs } from './writeOutputs.ts';

export type PublishDetail = Readonly<{
  files: number;
  archived: number;
  megabytes: number;
  trends: number;
  forecasts: number;
  /** The state that was written, for servers of pages to take up in the next seconds (lib/postgres/view/handOver.ts). */
  handed_over: HandedOver | undefined;
}>;

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
  await assertHeld(db, run);
  await dropLeftovers(outputDir);
  await checkSpace(outputDir);
  const before = await publishedState(db);
  // Closed months are of the folder and the settings that they were written for.
  const publishedAs = [outputDir, settings.timeZone, settings.csvFormulaEscape, settings.csvBom].join(' ');
  const months = await archiveMonths(db);
  const due = await monthsDue(outputDir, months, before.publishedAs !== publishedAs);
  const { written, clock, handedOver, figured } = await writeOutputs(
    pipeline,
    run,
    due,
    signal,
    report,
    async (stop) => {
      const [trends, forecasts] = await sideBySide(
        refreshTrends(db, linearTrend),
        refreshForecasts(pipeline, run, stop, report),
      );
      return { trends, forecasts };
    },
  );
  try {
    const archived = written.filter(({ path }) => path.includes(`${sep}archive${sep}`)).length;
    signal.throwIfAborted();
    const info = runInfo(settings.dataset, (await findRun(db, run.run_id)) ?? run, clock);
    const closed = months.map(({ month }) => month);
    const newDay = before.publishedDate === null || (clock.asOfDate ?? '') > before.publishedDate;
    await placeFiles(pipeline, run, written, info, async () => {
      await dropStrangers(outputDir, closed);
      failPoint(settings, 'before_run_info');
      await notePublished(db, run, clock.asOfDate, closed, before.namesChanged && newDay, publishedAs);
    });
    await writeForTools(pipeline, run, report);
    const bytes = written.reduce((sum, file) => sum + file.bytes, 0);
    return {
      files: written.length + 1,
      archived,
      megabytes: Math.round(bytes / 1e5) / 10,
      ...figured,
      handed_over: handedOver,
    };
  } catch (error) {
    await dropPending(written);
    throw error;
  }
}

/** Files for Tableau and Power Query beside the CSVs; the CSVs are in place, so a failure here is a warning. */
async function writeForTools({ db, settings }: Pipeline, run: Run, report: Report): Promise<void> {
  await clearWarnings(db, run.run_id, 'publish');
  try {
    const { beside } = await writeCompanions(settings.outputDir);
    for (const name of beside) report(`a newer ${name} stands beside the file that a person saved`);
  } catch (error) {
    await warnRun(db, run.run_id, `files for Tableau cannot be written: ${messageOf(error)}`);
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

/** Closed months whose file is missing or no longer true, newest first. */
async function monthsDue(
  outputDir: string,
  months: readonly { month: string; dirty: boolean }[],
  all: boolean,
): Promise<string[]> {
  const present = await archivedFiles(outputDir);
  return months
    .filter(({ month, dirty }) => all || dirty || !present.has(archiveName(month)))
    .map(({ month }) => month)
    .reverse();
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
    ...runCounts(run),
    forecast_month: clock.forecastMonth ?? '',
    run_id: run.run_id,
    as_of_utc: clock.asOfUtc ?? '',
  };
}
