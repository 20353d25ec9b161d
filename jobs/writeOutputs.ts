import { join } from 'node:path';
import { addMonths } from '../lib/core/calendar.ts';
import { linearTrend } from '../lib/core/linearTrend.ts';
import { dropPending, type PendingFile, writePending } from '../lib/output/csvFile.ts';
import { archiveName } from '../lib/output/outputFolder.ts';
import type { Run } from '../lib/postgres/ledger.ts';
import {
  outputNames,
  type Publication,
  type PublicationClock,
  type PublicationInput,
  withPublication,
} from '../lib/postgres/publication.ts';
import { type HandedOver, handOver } from '../lib/postgres/view/handOver.ts';
import { failPoint } from './failPoint.ts';
import type { Pipeline, Report } from './pipeline.ts';
import { sideBySide } from './sideBySide.ts';

export type WrittenOutputs<Figured> = Readonly<{
  written: readonly PendingFile[];
  clock: PublicationClock;
  handedOver: HandedOver | undefined;
  figured: Figured;
}>;

/**
 * Writes every file of a run beside the old ones, all or none. Closed months (`due`, newest first) hold events alone,
 * which no longer change: they are written while `figure` makes what the other files need. Then figures and open months
 * come from one snapshot on two connections, and whoever is done helps with the months.
 * @throws TillcastError of what failed first; nothing stays behind
 */
export async function writeOutputs<Figured>(
  { db, settings }: Pipeline,
  run: Run,
  due: readonly string[],
  signal: AbortSignal,
  report: Report,
  figure: (signal: AbortSignal) => Promise<Figured>,
): Promise<WrittenOutputs<Figured>> {
  const { outputDir } = settings;
  const input: PublicationInput = {
    runId: run.run_id,
    combinedDays: settings.combinedDays,
    dailyDays: settings.dailyDays,
    timeZone: settings.timeZone,
    escapeFormulas: settings.csvFormulaEscape === 'text',
    silentDays: settings.silentDays,
    fitTrend: linearTrend,
  };
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const written: PendingFile[] = [];
  const write: WritePending = async (path, csv) => {
    stop.throwIfAborted();
    written.push(await writePending(path, csv, settings.csvBom));
    failPoint(settings, 'mid_csv');
  };
  const left = [...due];
  const months = (publication: Publication) => writeMonths(outputDir, publication, left, write, report);
  const together = <A, B>(a: Promise<A>, b: Promise<B>) => sideBySide(a, b, (error) => failed.abort(error));
  const closed = async () => {
    if (left.length > 0) await withPublication(db, input, months);
  };
  const others = async () => {
    const figured = await figure(stop);
    stop.throwIfAborted();
    return withPublication(db, input, async (publication) => {
      await together(
        withPublication(db, { ...input, snapshot: publication.snapshot }, async (events) => {
          await writeCombined(outputDir, events, write);
          await months(events);
        }),
        writeFigures(outputDir, publication, write).then(() => months(publication)),
      );
      return { clock: publication.clock, handedOver: await handOver(db, publication.snapshot), figured };
    });
  };
  try {
    const [, rest] = await together(closed(), others());
    return { ...rest, written };
  } catch (error) {
    await dropPending(written);
    throw error;
  }
}

type WritePending = (path: string, csv: AsyncIterable<Buffer>) => Promise<void>;

async function writeFigures(outputDir: string, publication: Publication, write: WritePending): Promise<void> {
  for (const name of outputNames) await write(join(outputDir, `${name}.csv`), publication.copy(name));
}

async function writeCombined(outputDir: string, publication: Publication, write: WritePending): Promise<void> {
  const from = `${publication.clock.combinedFrom ?? '9998-01-01'} 00:00:00`;
  await write(join(outputDir, 'combined.csv'), publication.copyEvents(from, '9999-01-01 00:00:00', false));
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
