import { createHash } from 'node:crypto';
import type { Settings } from '../config/settings.ts';
import { eventId, rowFingerprint } from '../lib/core/eventIdentity.ts';
import { isGzip } from '../lib/core/fileKind.ts';
import type { Header } from '../lib/core/header.ts';
import { Occurrences } from '../lib/core/occurrences.ts';
import { type RowParser, rowParser } from '../lib/core/parseRow.ts';
import type { EventRow } from '../lib/core/types.ts';
import type { EventProducer, OutgoingEvent } from '../lib/kafka/eventProducer.ts';
import { knownEventIds } from '../lib/postgres/knownEvents.ts';
import type { Database } from '../lib/postgres/pool.ts';
import { keepRejects } from '../lib/postgres/rejects.ts';
import { type FilePart, partRows } from '../lib/source/partRows.ts';
import { failPoint } from './failPoint.ts';
import { rowRules } from './rowRules.ts';

/** An inspected part of a file, by values alone. */
export type PartToSend = Readonly<{
  runSeq: number;
  name: string;
  kind: 'change' | 'count';
  part: FilePart;
  reading: number;
  header: Header;
  zones: ReadonlyMap<number, string>;
  now: Date;
  anyEvents: boolean;
  /** What was looked through (InspectedPart): only that is sent. */
  openLineAt: number | null;
  hashes: ReadonlyMap<number, string>;
}>;

export type SendTools = Readonly<{ db: Database; producer: EventProducer; settings: Settings }>;

/**
 * What was read: of `rows` valid ones, `rowsKnown` were in PostgreSQL already and not sent. `sentHash` is the SHA-256 of
 * the bytes; `torn`: the file ended before the part did, so it was cut meanwhile.
 */
export type SentPart = Readonly<{
  rows: number;
  rejected: number;
  rowsKnown: number;
  sentHash: string;
  torn: boolean;
}>;

/** Sends a part in the order of its lines, with the identity that each line counts under, and keeps its rejects. */
export async function sendPart(
  tools: SendTools,
  input: PartToSend,
  signal: AbortSignal,
  onRows: (rows: number) => void,
): Promise<SentPart> {
  const { db, producer, settings } = tools;
  const { part, header } = input;
  const parse = rowParser(input.kind, header, rowRules(settings, input.zones, input.now));
  const fromStart = part.from === 0;
  const occurrences = fromStart ? new Occurrences() : await earlierOccurrences(tools, input, parse);
  const sent = createHash('sha256');
  let batch: OutgoingEvent[] = [];
  let rowsKnown = 0;
  let valid = 0;
  let rejected = 0;
  let endAt = part.from;
  const ship = async () => {
    signal.throwIfAborted();
    const unknown = input.anyEvents && fromStart ? await withoutKnown(db, batch) : batch;
    rowsKnown += batch.length - unknown.length;
    if (unknown.length > 0) await producer.send(unknown);
    failPoint(settings, 'mid_file');
    onRows(batch.length);
    batch = [];
  };
  let sentHash = '';
  for await (const block of partRows(part, header, parse)) {
    // Of a file that was cut or replaced meanwhile a last line may be half a line, and no event.
    if (block.open && block.startAt !== input.openLineAt) break;
    sentHash = sent.update(block.bytes).copy().digest('hex');
    // Nothing of other content than what was looked through is sent: not even its columns need be the same.
    const looked = input.hashes.get(block.endAt);
    if (looked === undefined ? !isGzip(part.path) : looked !== sentHash) break;
    endAt = block.endAt;
    valid += block.rows.length;
    rejected += block.rejects.length;
    const rejects = block.rejects.map((reject) => ({ ...reject, file: input.name, reading: input.reading }));
    await keepRejects(db, input.runSeq, rejects);
    for (const { row, line } of block.rows) {
      const fingerprint = rowFingerprint(row);
      // The row is ours alone by now; a copy of half a million rows is felt.
      const event = Object.assign(row, { eventId: eventId(row, fingerprint, occurrences.add(fingerprint)) });
      batch.push({ event, from: { file: input.name, line } });
      if (batch.length === settings.rowsPerSend) await ship();
    }
  }
  if (batch.length > 0) await ship();
  await producer.flush();
  const torn = endAt < part.to || (input.hashes.get(part.to) ?? sentHash) !== sentHash;
  return { rows: valid, rejected, rowsKnown, sentHash, torn };
}

async function withoutKnown(db: Database, batch: readonly OutgoingEvent[]): Promise<readonly OutgoingEvent[]> {
  const ids = await knownEventIds(
    db,
    batch.map(({ event }) => event),
  );
  return ids.size === 0 ? batch : batch.filter(({ event }) => !ids.has(event.eventId));
}

/**
 * How often the lines of an appended part stood in the file before it. Only a line whose first occurrence PostgreSQL
 * holds can have stood there, so the earlier part is read only if there is one, and only such lines are counted.
 */
async function earlierOccurrences(
  { db, settings }: SendTools,
  { kind, header, part }: PartToSend,
  parse: RowParser,
): Promise<Occurrences> {
  const suspects = new Set<string>();
  let rows: { row: EventRow; fingerprint: string }[] = [];
  const look = async () => {
    const firsts = rows.map(({ row, fingerprint }) => ({ ...row, eventId: eventId(row, fingerprint, 1), fingerprint }));
    const knownIds = await knownEventIds(db, firsts);
    for (const first of firsts) if (knownIds.has(first.eventId)) suspects.add(first.fingerprint);
    rows = [];
  };
  for await (const block of partRows(part, header, parse)) {
    for (const { row } of block.rows) rows.push({ row, fingerprint: rowFingerprint(row) });
    if (rows.length >= settings.rowsPerSend) await look();
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
