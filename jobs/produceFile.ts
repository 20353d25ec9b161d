import { eventId, rowFingerprint } from '../lib/core/eventIdentity.ts';
import { isGzip } from '../lib/core/fileKind.ts';
import type { FileProgress } from '../lib/core/fileProgress.ts';
import type { Header } from '../lib/core/header.ts';
import { Occurrences } from '../lib/core/occurrences.ts';
import { type RowParser, type RowRules, rowParser } from '../lib/core/parseRow.ts';
import type { EventRow } from '../lib/core/types.ts';
import type { EventProducer, OutgoingEvent } from '../lib/kafka/eventProducer.ts';
import { knownEventIds } from '../lib/postgres/knownEvents.ts';
import { keepRejects } from '../lib/postgres/rejects.ts';
import { noteProgress } from '../lib/postgres/sourceFiles.ts';
import { type FileNews, progressHashes } from '../lib/source/fileNews.ts';
import type { ExportFile } from '../lib/source/inputFolder.ts';
import { type FilePart, type PartReject, partRows } from '../lib/source/partRows.ts';
import { failPoint } from './failPoint.ts';
import { inspectPart, refusalOf } from './inspectPart.ts';
import type { Pipeline } from './pipeline.ts';

export type FileToProduce = Readonly<{
  file: ExportFile;
  kind: 'change' | 'count';
  news: Exclude<FileNews, { what: 'unchanged' | 'same' }>;
  known: FileProgress | undefined;
  header: Header;
  rules: RowRules;
  closedDay: string | null;
  /** Whether PostgreSQL holds any event: else nothing can be known already. */
  anyEvents: boolean;
}>;

/** What one file brought. Rows are event rows; `rowsKnown` were in PostgreSQL already and not sent. */
export type FileResult = Readonly<{
  refusal?: string;
  rowsRead: number;
  rowsRejected: number;
  rowsKnown: number;
  leadingZeros: number;
  repeatedHeaders: number;
  otherDateOrder: number;
  /** A last line without its end waits until the file has been still for SETTLE_SECONDS. */
  lineWaits: boolean;
}>;

/**
 * Brings the new part of one file into Kafka: checks all of it first, so that a refused part sends nothing; then
 * sends in order; then notes how far it got, provisionally until the run is applied.
 */
export async function produceFile(
  pipeline: Pipeline,
  runSeq: number,
  producer: EventProducer,
  input: FileToProduce,
  onRows: (rows: number) => void,
): Promise<FileResult> {
  const { file, kind, news, known, header, rules } = input;
  const { settings, db } = pipeline;
  const parse = rowParser(kind, header, rules);
  const wholeFile: FilePart = {
    path: file.path,
    from: news.from,
    to: isGzip(file.name) ? Number.MAX_SAFE_INTEGER : file.sizeBytes,
    linesBefore: news.linesBefore,
  };
  const settled = Date.now() - file.modifiedMs >= settings.settleMs;
  const inspected = await inspectPart(wholeFile, header, parse, settled);
  const { rows, rejected, leadingZeros, repeatedHeaders, otherDateOrder, lineWaits } = inspected;
  const refusal = refusalOf(inspected, settings);
  if (refusal !== undefined) {
    await keepRejects(
      db,
      runSeq,
      inspected.firstRejects.map((reject) => rejectedLine(reject, input)),
    );
    return {
      refusal,
      rowsRead: 0,
      rowsRejected: 0,
      rowsKnown: 0,
      leadingZeros,
      repeatedHeaders,
      otherDateOrder,
      lineWaits,
    };
  }

  const part: FilePart = { ...wholeFile, to: inspected.to };
  const occurrences = news.from === 0 ? new Occurrences() : await earlierOccurrences(pipeline, input, part, parse);
  let batch: OutgoingEvent[] = [];
  let rowsKnown = 0;
  const ship = async () => {
    const unknown = input.anyEvents && news.from === 0 ? await withoutKnown(pipeline, batch) : batch;
    rowsKnown += batch.length - unknown.length;
    if (unknown.length > 0) await producer.send(unknown);
    failPoint(settings, 'mid_file');
    onRows(batch.length);
    batch = [];
  };
  for await (const block of partRows(part, header, parse)) {
    await keepRejects(
      db,
      runSeq,
      block.rejects.map((reject) => rejectedLine(reject, input)),
    );
    for (const { row, line } of block.rows) {
      const fingerprint = rowFingerprint(row);
      // The row is ours alone by now; a copy of half a million rows is felt.
      const event = Object.assign(row, { eventId: eventId(row, fingerprint, occurrences.add(fingerprint)) });
      batch.push({ event, from: { file: file.name, line } });
      if (batch.length === settings.rowsPerSend) await ship();
    }
  }
  if (batch.length > 0) await ship();
  await producer.flush();
  failPoint(settings, 'after_send');

  const hashes = await progressHashes(file.path, part.to, news.from === 0);
  await noteProgress(db, runSeq, {
    name: file.name,
    kind,
    inode: file.inode,
    sizeBytes: file.sizeBytes,
    // A file with a line that waits must look changed to the next run.
    modifiedMs: lineWaits ? -1 : file.modifiedMs,
    reading: news.reading,
    appliedTo: part.to,
    appliedLines: inspected.lines,
    openLineAt: inspected.openLineAt,
    headHash: hashes.headHash,
    tailHash: hashes.tailHash,
    wholeHash: hashes.wholeHash ?? known?.wholeHash ?? null,
    wholeTo: hashes.wholeHash === null ? (known?.wholeTo ?? null) : part.to,
    checkedOn: input.closedDay,
  });
  return {
    rowsRead: rows + rejected,
    rowsRejected: rejected,
    rowsKnown,
    leadingZeros,
    repeatedHeaders,
    otherDateOrder,
    lineWaits,
  };
}

async function withoutKnown(pipeline: Pipeline, batch: readonly OutgoingEvent[]): Promise<readonly OutgoingEvent[]> {
  const ids = await knownEventIds(
    pipeline.db,
    batch.map(({ event }) => event),
  );
  return ids.size === 0 ? batch : batch.filter(({ event }) => !ids.has(event.eventId));
}

/**
 * How often the lines of an appended part stood in the file before it. Only a line whose first occurrence PostgreSQL
 * holds can have stood there, so the earlier part is read only if there is one, and only such lines are counted.
 */
async function earlierOccurrences(
  pipeline: Pipeline,
  input: FileToProduce,
  part: FilePart,
  parse: RowParser,
): Promise<Occurrences> {
  const { kind, header } = input;
  const suspects = new Set<string>();
  let rows: { row: EventRow; fingerprint: string }[] = [];
  const look = async () => {
    const firsts = rows.map(({ row, fingerprint }) => ({ ...row, eventId: eventId(row, fingerprint, 1), fingerprint }));
    const knownIds = await knownEventIds(pipeline.db, firsts);
    for (const first of firsts) if (knownIds.has(first.eventId)) suspects.add(first.fingerprint);
    rows = [];
  };
  for await (const block of partRows(part, header, parse)) {
    for (const { row } of block.rows) rows.push({ row, fingerprint: rowFingerprint(row) });
    if (rows.length >= pipeline.settings.rowsPerSend) await look();
  }
  await look();
  const occurrences = new Occurrences();
  if (suspects.size === 0 || kind === 'count') return occurrences;
  const before: FilePart = { path: part.path, from: 0, to: part.from, linesBefore: 0 };
  for await (const block of partRows(before, header, parse)) {
    for (const { row } of block.rows) {
      const fingerprint = rowFingerprint(row);
      if (suspects.has(fingerprint)) occurrences.add(fingerprint);
    }
  }
  return occurrences;
}

function rejectedLine(reject: PartReject, input: FileToProduce) {
  return { ...reject, file: input.file.name, reading: input.news.reading };
}
