import { join, sep } from 'node:path';
import { addMonths } from '../lib/core/calendar.ts';
import { messageOf } from '../lib/core/errors.ts';
import { linearTrend } from '../lib/core/linearTrend.ts';
import { dropPending, type PendingFile, writePending } from '../lib/output/csvFile.ts';
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
import {
  notePublished,
  outputNames,
  type Publication,
  type PublicationClock,
  type PublicationInput,
  publishedState,
  withPublication,
} from '../lib/postgres/publication.ts';
import { clearWarnings } from '../lib/postgres/runWarnings.ts';
import { refreshTrends } from '../lib/postgres/trends.ts';
import { type HandedOver, handOver } from '../lib/postgres/view/handOver.ts';
import { failPoint } from './failPoint.ts';
import { refreshForecasts } from './forecastStep.ts';
import type { Pipeline, Report } from './pipeline.ts';
import { placeFiles } from './placeFiles.ts';

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
  const trends = await refreshTrends(db, linearTrend);
  const forecasts = await refreshForecasts(pipeline, run, signal, report);
  const before = await publishedState(db);
  // Closed months are of the folder and the settings that they were written for.
  const publishedAs = [outputDir, settings.timeZone, settings.csvFormulaEscape, settings.csvBom].join(' ');
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
    // Two connections on one snapshot share the work: figures and events, then month by month what is due.
    const stop = new AbortController();
    const write: WritePending = async (path, csv) => {
      signal.throwIfAborted();
      stop.signal.throwIfAborted();
      written.push(await writePending(path, csv, settings.csvBom));
      failPoint(settings, 'mid_csv');
    };
    const { clock, months, handedOver } = await withPublication(db, input, async (publication) => {
      const months = await publication.archiveMonths();
      const due = await monthsDue(outputDir, months, before.publishedAs !== publishedAs);
      const both = [
        withPublication(db, { ...input, snapshot: publication.snapshot }, async (events) => {
          await writeCombined(outputDir, events, write);
          await writeMonths(outputDir, events, due, write, report);
        }),
        writeFigures(outputDir, publication, write).then(() => writeMonths(outputDir, publication, due, write, report)),
      ];
      for (const half of both) half.catch((error: unknown) => stop.abort(error));
      const failed = (await Promise.allSettled(both)).some((half) => half.status === 'rejected');
      if (failed) throw stop.signal.reason;
      return { clock: publication.clock, months, handedOver: await handOver(db, publication.snapshot) };
    });
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
      trends,
      forecasts,
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

type WritePending = (path: string, csv: AsyncIterable<Buffer>) => Promise<void>;

async function writeFigures(outputDir: string, publication: Publication, write: WritePending): Promise<void> {
  for (const name of outputNames) await write(join(outputDir, `${name}.csv`), publication.copy(name));
}

async function writeCombined(outputDir: string, publication: Publication, write: WritePending): Promise<void> {
  const from = `${publication.clock.combinedFrom ?? '9998-01-01'} 00:00:00`;
  await write(join(outputDir, 'combined.csv'), publication.copyEvents(from, '9999-01-01 00:00:00', false));
}

/** Closed months whose file is missing or no longer true, newest first; both connections take from this list. */
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

async function writeMonths(
  outputDir: string,
  publication: Publication,
  due: string[],
  write: WritePending,
  report: Report,
): Promise<void> {
  const many = due.length > 3;
  for (let month = due.shift(); month !== undefined; month = due.shift()) {
    const csv = publication.copyEvents(`${month} 00:00:00`, `${addMonths(month, 1)} 00:00:00`, true);
    await write(join(outputDir, 'archive', archiveName(month)), csv);
    if (many) report(`archive ${month.slice(0, 7)} written`, 99 - due.length);
  }
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
