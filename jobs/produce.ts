import { isGzip } from '../lib/core/fileKind.ts';
import type { FileProgress } from '../lib/core/fileProgress.ts';
import { openProducer } from '../lib/kafka/eventProducer.ts';
import type { RoundCounts } from '../lib/postgres/apply.ts';
import { dataClock } from '../lib/postgres/dataClock.ts';
import { hasEvents } from '../lib/postgres/knownEvents.ts';
import { type Run, warnRun } from '../lib/postgres/ledger.ts';
import { clearFileFindings, clearFindings, keepFindings } from '../lib/postgres/quality.ts';
import { clearWarnings } from '../lib/postgres/runWarnings.ts';
import { appliedFiles, forgetProvisional, noteProgress } from '../lib/postgres/sourceFiles.ts';
import { fileNews } from '../lib/source/fileNews.ts';
import type { ExportFile } from '../lib/source/inputFolder.ts';
import { fileHeader } from '../lib/source/partRows.ts';
import { fileFindings, folderFindings, perReadingRules, perRunRules } from './fileFindings.ts';
import { inLanes } from './inLanes.ts';
import type { Pipeline, Report } from './pipeline.ts';
import { type FileResult, produceFile } from './produceFile.ts';
import { produceReference } from './produceReference.ts';
import { produceWithdrawals } from './produceWithdrawals.ts';
import { readyTopic } from './readyTopic.ts';
import { isSettled, settledFolder } from './settledFolder.ts';

/** What the producer tells the consumer; all of it also stands in the ledger. */
export type ProduceResult = Readonly<{
  files: number;
  files_refused: number;
  rows_read: number;
  rows_rejected: number;
  rows_known: number;
  rows_sent: number;
}>;

/** While one small file waits for its acknowledgement others are read. */
const filesAtOnce = 4;

/** The same as the run's row counts it. */
export const roundCounts = (result: ProduceResult): RoundCounts => ({
  files: result.files,
  filesRefused: result.files_refused,
  rowsRead: result.rows_read,
  rowsRejected: result.rows_rejected,
});

/**
 * The producer job: the new rows of every export file, validated, into Kafka. Starts at what is applied, so a try
 * that failed, or a topic that was lost, loses nothing.
 * @throws TillcastError ETL_INPUT, ETL_KAFKA_PRODUCE (retryable), ETL_KAFKA_GAP, ETL_PG
 */
export async function produce(
  pipeline: Pipeline,
  run: Run,
  now: Date,
  signal: AbortSignal,
  report: Report,
): Promise<ProduceResult> {
  const { db, settings } = pipeline;
  await forgetProvisional(db, run);
  await clearWarnings(db, run.run_id, 'produce');
  await clearFindings(db, perRunRules);
  const topic = await readyTopic(pipeline);
  const folder = await settledFolder(pipeline, run, report);
  const applied = await appliedFiles(db);
  const { closedDay } = await dataClock(db);
  const refused = [...folder.refused];
  const findings = folderFindings(folder);

  const references = folder.files.filter((file) => file.kind !== 'change' && file.kind !== 'count');
  const reference = await produceReference(pipeline, run, references, applied);
  refused.push(...reference.refused);
  findings.push(...reference.findings);

  const { zones } = reference;
  const anyEvents = await hasEvents(db);
  const events = folder.files.filter((file) => file.kind === 'change' || file.kind === 'count');
  const totals = { rowsRead: 0, rowsRejected: 0, rowsKnown: 0 };
  const allBytes = events.reduce((sum, file) => sum + file.sizeBytes, 0);
  const readFromStart: string[] = [];
  let bytesDone = 0;
  let filesRead = 0;
  let rowsSeen = 0;
  let saidAt = Date.now();
  const producer = await openProducer(pipeline.kafka, topic);
  try {
    const results = await inLanes(events, filesAtOnce, async (file) => {
      const result = await readFile(file, applied.get(file.name));
      bytesDone += file.sizeBytes;
      return result;
    });
    for (const [at, file] of events.entries()) {
      const known = applied.get(file.name);
      const result = results[at];
      if (result === undefined) continue;
      filesRead += 1;
      findings.push(...fileFindings(file, known, result));
      if (result.refusal === undefined) {
        totals.rowsRead += result.rowsRead;
        totals.rowsRejected += result.rowsRejected;
        totals.rowsKnown += result.rowsKnown;
        const whole = result.what === 'new' || result.what === 'rewritten';
        if (whole && result.replaced !== true) readFromStart.push(file.name);
      } else refused.push({ name: file.name, reason: result.refusal });
    }
    const withdrawn = await produceWithdrawals(db, producer, settings.rowsPerSend, anyEvents);
    totals.rowsRead += withdrawn;
    await producer.flush();
  } finally {
    await producer.close();
  }

  for (const { name, reason } of refused) {
    report(`refused ${name}: ${reason}`);
    await warnRun(db, run.run_id, `${name} refused: ${reason}`);
    findings.push({ rule: 'refused_file', subject: name, severity: 'error', count: 1, detail: reason });
  }
  await clearFileFindings(db, perReadingRules, readFromStart);
  await keepFindings(db, run.run_seq, findings);
  const counts = {
    files: filesRead,
    filesRefused: refused.length,
    rowsRead: totals.rowsRead,
    rowsRejected: totals.rowsRejected,
  };
  return {
    files: counts.files,
    files_refused: counts.filesRefused,
    rows_read: counts.rowsRead,
    rows_rejected: counts.rowsRejected,
    rows_known: totals.rowsKnown,
    rows_sent: counts.rowsRead - counts.rowsRejected - totals.rowsKnown,
  };

  async function readFile(
    file: ExportFile,
    known: FileProgress | undefined,
  ): Promise<(FileResult & { what: string }) | undefined> {
    const kind = file.kind as 'change' | 'count';
    const none = {
      rowsRead: 0,
      rowsRejected: 0,
      rowsKnown: 0,
      leadingZeros: 0,
      repeatedHeaders: 0,
      otherDateOrder: 0,
      lineWaits: false,
    };
    try {
      const news = await fileNews(file, known, closedDay);
      if (news.what === 'unchanged') return undefined;
      if (news.what === 'same') {
        await noteProgress(db, run.run_seq, {
          ...(known as FileProgress),
          inode: file.inode,
          sizeBytes: file.sizeBytes,
          modifiedMs: file.modifiedMs,
          wholeHash: news.wholeHash,
          wholeTo: news.wholeTo,
          checkedOn: closedDay,
        });
        return undefined;
      }
      const header = await fileHeader(file.path, kind, isGzip(file.name) ? Number.MAX_SAFE_INTEGER : file.sizeBytes);
      if ('empty' in header) return undefined;
      if ('refusal' in header) {
        const beingWritten = header.open === true && !isSettled(file, known, folder.seenStill, settings.settleMs);
        return beingWritten ? undefined : { ...none, what: news.what, refusal: header.refusal };
      }
      const result = await produceFile(
        pipeline,
        run.run_seq,
        producer,
        {
          file,
          kind,
          news,
          known,
          seenStill: folder.seenStill,
          header: header.header,
          zones,
          now,
          closedDay,
          anyEvents,
        },
        signal,
        (rows) => {
          rowsSeen += rows;
          if (Date.now() - saidAt < 2_000) return;
          saidAt = Date.now();
          const percent = Math.min(99, Math.round((100 * bytesDone) / Math.max(1, allBytes)));
          report(`reading ${file.name}: ${rowsSeen.toLocaleString('en-US')} rows so far`, percent);
        },
      );
      return {
        ...result,
        what: news.afterOpenLine ? 'afterOpenLine' : news.what,
        extraColumns: header.header.extra,
      } as FileResult & { what: string };
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      // Only what reading the file itself threw refuses it; a service that is away fails the step.
      if (code !== 'ETL_CSV_FILE' && !/^(E[A-Z]+|Z_[A-Z_]+)$/.test(code)) throw error;
      return { ...none, what: 'unreadable', refusal: `cannot be read: ${(error as Error).message}` };
    }
  }
}
