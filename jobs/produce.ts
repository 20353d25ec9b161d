import { setTimeout as sleep } from 'node:timers/promises';
import { isGzip } from '../lib/core/fileKind.ts';
import type { FileProgress } from '../lib/core/fileProgress.ts';
import { openProducer } from '../lib/kafka/eventProducer.ts';
import { ensureTopic } from '../lib/kafka/topics.ts';
import { dataClock } from '../lib/postgres/dataClock.ts';
import { hasEvents } from '../lib/postgres/knownEvents.ts';
import { countRun, type Run, warnRun } from '../lib/postgres/ledger.ts';
import { clearFindings, keepFindings } from '../lib/postgres/quality.ts';
import { keepRejects } from '../lib/postgres/rejects.ts';
import { appliedFiles, forgetProvisional, noteProgress } from '../lib/postgres/sourceFiles.ts';
import { fileNews, progressHashes } from '../lib/source/fileNews.ts';
import { type ExportFile, type InputFolder, listInput } from '../lib/source/inputFolder.ts';
import { endsOpen } from '../lib/source/lineBlocks.ts';
import { fileHeader } from '../lib/source/partRows.ts';
import { fileFindings, folderFindings, perRunRules } from './fileFindings.ts';
import { loadReferenceFiles } from './loadReferenceFiles.ts';
import type { Pipeline, Report } from './pipeline.ts';
import { type FileResult, produceFile } from './produceFile.ts';
import { rowRules } from './rowRules.ts';

/** What the producer tells the consumer; all of it also stands in the ledger. */
export type ProduceResult = Readonly<{
  files: number;
  files_refused: number;
  rows_read: number;
  rows_rejected: number;
  rows_known: number;
  rows_sent: number;
}>;

/**
 * The producer job: the new rows of every export file, validated, into Kafka. Starts at what is applied, so a try
 * that failed, or a topic that was lost, loses nothing.
 * @throws TillcastError ETL_INPUT, ETL_KAFKA_PRODUCE (retryable), ETL_PG
 */
export async function produce(pipeline: Pipeline, run: Run, now: Date, report: Report): Promise<ProduceResult> {
  const { db, settings } = pipeline;
  await forgetProvisional(db);
  await clearFindings(db, perRunRules);
  await ensureTopic(pipeline.kafka, pipeline.topic, settings.partitions);
  const folder = await listed(pipeline, run, report);
  const applied = await appliedFiles(db);
  const { closedDay } = await dataClock(db);
  const refused = [...folder.refused];
  const findings = folderFindings(folder);

  const references = folder.files.filter((file) => file.kind !== 'change' && file.kind !== 'count');
  const changedReferences = references.filter((file) => looksChanged(file, applied.get(file.name)));
  const reference = await loadReferenceFiles(pipeline, references, changedReferences.length > 0);
  refused.push(...reference.refused);
  findings.push(...reference.findings);
  await keepRejects(db, run.run_seq, reference.rejects);
  for (const file of changedReferences) {
    if (!reference.refused.some(({ name }) => name === file.name))
      await noteReference(pipeline, run, file, applied.get(file.name));
  }

  const rules = rowRules(settings, reference.zones, now);
  const anyEvents = await hasEvents(db);
  const events = folder.files.filter((file) => file.kind === 'change' || file.kind === 'count');
  const totals = { rowsRead: 0, rowsRejected: 0, rowsKnown: 0 };
  const allBytes = events.reduce((sum, file) => sum + file.sizeBytes, 0);
  let bytesDone = 0;
  let filesRead = 0;
  let rowsSeen = 0;
  let saidAt = Date.now();
  const producer = await openProducer(pipeline.kafka, pipeline.topic);
  try {
    for (const file of events) {
      const known = applied.get(file.name);
      const result = await readFile(file, known);
      bytesDone += file.sizeBytes;
      if (result === undefined) continue;
      filesRead += 1;
      findings.push(...fileFindings(file, known, result));
      if (result.refusal === undefined) {
        totals.rowsRead += result.rowsRead;
        totals.rowsRejected += result.rowsRejected;
        totals.rowsKnown += result.rowsKnown;
      } else refused.push({ name: file.name, reason: result.refusal });
    }
    await producer.flush();
  } finally {
    await producer.close();
  }

  for (const { name, reason } of refused) {
    report(`refused ${name}: ${reason}`);
    await warnRun(db, run.run_id, `${name} refused: ${reason}`);
    findings.push({ rule: 'refused_file', subject: name, severity: 'error', count: 1, detail: reason });
  }
  await keepFindings(db, run.run_seq, findings);
  const counts = {
    files: filesRead,
    filesRefused: refused.length,
    rowsRead: totals.rowsRead,
    rowsRejected: totals.rowsRejected,
  };
  await countRun(db, run.run_id, counts);
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
        const beingWritten = header.open === true && Date.now() - file.modifiedMs < settings.settleMs;
        return beingWritten ? undefined : { ...none, what: news.what, refusal: header.refusal };
      }
      const result = await produceFile(
        pipeline,
        run.run_seq,
        producer,
        { file, kind, news, known, header: header.header, rules, closedDay, anyEvents },
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

/** The folder; a run that waits for nobody (`once`) first gives last lines without their end the time to settle. */
async function listed(pipeline: Pipeline, run: Run, report: Report): Promise<InputFolder> {
  const { settleMs } = pipeline.settings;
  const folder = await listInput(pipeline.inputDir);
  if (run.trigger !== 'once') return folder;
  let waitMs = 0;
  for (const file of folder.files) {
    const stillMs = Date.now() - file.modifiedMs;
    if (stillMs < settleMs && (await endsOpen(file.path, file.sizeBytes)))
      waitMs = Math.max(waitMs, settleMs - stillMs);
  }
  if (waitMs === 0) return folder;
  report(`waiting ${Math.ceil(waitMs / 1000)} s: a file's last line has no line end yet and may still be written`);
  await sleep(waitMs + 100);
  return listInput(pipeline.inputDir);
}

function looksChanged(file: ExportFile, known: FileProgress | undefined): boolean {
  return (
    known === undefined ||
    known.inode !== file.inode ||
    known.sizeBytes !== file.sizeBytes ||
    known.modifiedMs !== file.modifiedMs
  );
}

async function noteReference(
  pipeline: Pipeline,
  run: Run,
  file: ExportFile,
  known: FileProgress | undefined,
): Promise<void> {
  await noteProgress(pipeline.db, run.run_seq, {
    name: file.name,
    kind: file.kind,
    inode: file.inode,
    sizeBytes: file.sizeBytes,
    modifiedMs: file.modifiedMs,
    reading: (known?.reading ?? 0) + 1,
    appliedTo: file.sizeBytes,
    appliedLines: 0,
    openLineAt: null,
    ...(await progressHashes(file.path, isGzip(file.name) ? 0 : file.sizeBytes, false)),
    wholeTo: null,
    checkedOn: null,
  });
}
