import { stat } from 'node:fs/promises';
import { isGzip } from '../lib/core/fileKind.ts';
import type { FileProgress } from '../lib/core/fileProgress.ts';
import type { Header } from '../lib/core/header.ts';
import { rowParser } from '../lib/core/parseRow.ts';
import type { EventProducer } from '../lib/kafka/eventProducer.ts';
import { keepRejects } from '../lib/postgres/rejects.ts';
import { noteProgress } from '../lib/postgres/sourceFiles.ts';
import { hashRange } from '../lib/source/fileHash.ts';
import { type FileNews, progressHashes } from '../lib/source/fileNews.ts';
import type { ExportFile } from '../lib/source/inputFolder.ts';
import type { FilePart } from '../lib/source/partRows.ts';
import { failPoint } from './failPoint.ts';
import { inspectPart, refusalOf } from './inspectPart.ts';
import type { Pipeline } from './pipeline.ts';
import { rowRules } from './rowRules.ts';
import { type PartToSend, sendPart } from './sendPart.ts';
import { isSettled, lineWaitsMark } from './settledFolder.ts';

export type FileToProduce = Readonly<{
  file: ExportFile;
  kind: 'change' | 'count';
  news: Exclude<FileNews, { what: 'unchanged' | 'same' }>;
  known: FileProgress | undefined;
  seenStill: ReadonlySet<string>;
  header: Header;
  /** Zone of each store that has one, and the moment of reading: what the rules of times depend on. */
  zones: ReadonlyMap<number, string>;
  now: Date;
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
  /** The file was replaced while it was read: the next run reads it again. */
  replaced?: boolean;
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
  signal: AbortSignal,
  onRows: (rows: number) => void,
): Promise<FileResult> {
  const { file, kind, news, known, header } = input;
  const { settings, db } = pipeline;
  const parse = rowParser(kind, header, rowRules(settings, input.zones, input.now));
  const wholeFile: FilePart = {
    path: file.path,
    from: news.from,
    to: isGzip(file.name) ? Number.MAX_SAFE_INTEGER : file.sizeBytes,
    linesBefore: news.linesBefore,
  };
  // Still as it was listed, and still for long enough: a look now, for the listing may be minutes old.
  const now = await stat(file.path);
  const still = now.mtimeMs === file.modifiedMs && now.size === file.sizeBytes;
  const settled = still && isSettled(file, known, input.seenStill, settings.settleMs);
  const inspected = await inspectPart(wholeFile, header, parse, settled, settings);
  const { leadingZeros, repeatedHeaders, otherDateOrder, lineWaits } = inspected;
  const refusal = refusalOf(inspected, settings);
  if (refusal !== undefined) {
    await keepRejects(
      db,
      runSeq,
      inspected.firstRejects.map((reject) => ({ ...reject, file: file.name, reading: news.reading })),
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
  const toSend: PartToSend = {
    runSeq,
    name: file.name,
    kind,
    part,
    reading: news.reading,
    header,
    zones: input.zones,
    now: input.now,
    anyEvents: input.anyEvents,
    openLineAt: inspected.openLineAt,
    hashes: inspected.hashes,
  };
  failPoint(settings, 'before_send');
  const sent = await sendPart({ db, producer, settings }, toSend, signal, onRows);
  failPoint(settings, 'after_send');

  const result = {
    rowsRead: sent.rows + sent.rejected,
    rowsRejected: sent.rejected,
    rowsKnown: sent.rowsKnown,
    leadingZeros,
    repeatedHeaders,
    otherDateOrder,
    lineWaits,
  };
  // A file that was cut or replaced meanwhile is not what was sent: nothing is remembered, the next run reads it whole.
  if (sent.torn || (await wasReplaced(file, part, sent.sentHash))) return { ...result, replaced: true };

  // An open line that went on is read again: it was counted as it stood.
  const validBefore = news.from === 0 ? 0 : (known?.validRows ?? 0) - (news.afterOpenLine ? 1 : 0);
  const hashes = await progressHashes(file.path, part.to, false);
  // What was sent from the start is the whole applied part, so its hash is known already.
  const sentWhole = news.from === 0 && !isGzip(file.name);
  await noteProgress(db, runSeq, {
    name: file.name,
    kind,
    inode: file.inode,
    sizeBytes: file.sizeBytes,
    modifiedMs: lineWaits ? lineWaitsMark : file.modifiedMs,
    reading: news.reading,
    appliedTo: part.to,
    appliedLines: inspected.lines,
    openLineAt: inspected.openLineAt,
    headHash: hashes.headHash,
    tailHash: hashes.tailHash,
    wholeHash: sentWhole ? sent.sentHash : (known?.wholeHash ?? null),
    wholeTo: sentWhole ? part.to : (known?.wholeTo ?? null),
    checkedOn: input.closedDay,
    validRows: Math.max(0, validBefore) + sent.rows,
  });
  return result;
}

async function wasReplaced(file: ExportFile, part: FilePart, sentHash: string): Promise<boolean> {
  if (!isGzip(file.name)) return (await hashRange(file.path, part.from, part.to)) !== sentHash;
  const { mtimeMs, size } = await stat(file.path);
  return mtimeMs !== file.modifiedMs || size !== file.sizeBytes;
}
