import { createHash } from 'node:crypto';
import type { Settings } from '../config/settings.ts';
import { TillcastError } from '../lib/core/errors.ts';
import { isGzip } from '../lib/core/fileKind.ts';
import type { Header } from '../lib/core/header.ts';
import type { RowParser } from '../lib/core/parseRow.ts';
import { type FilePart, type PartReject, partRows } from '../lib/source/partRows.ts';

type Limits = Pick<Settings, 'minRejectRows' | 'maxRejectPercent' | 'maxUnpackedBytes'>;

/** A part of a file, looked through before anything of it is sent. `to` and `openLineAt` are bytes, `lines` physical. */
export type InspectedPart = Readonly<{
  to: number;
  lines: number;
  openLineAt: number | null;
  lineWaits: boolean;
  rows: number;
  rejected: number;
  firstRejects: readonly PartReject[];
  leadingZeros: number;
  repeatedHeaders: number;
  otherDateOrder: number;
  /** SHA-256 of `[from, to)` of the file as it was looked through, by where each of its blocks ends. */
  hashes: ReadonlyMap<number, string>;
}>;

const listedRejects = 20;
/** So many bad rows, and more of them than good ones, need no further reading: the file is none of ours, or a bomb. */
const hopelessRows = 1_000_000;

/**
 * Reads a part once without sending it, no further than where it must be refused anyway. `settled`: a last line without
 * its end may be taken. @throws TillcastError ETL_CSV_FILE where a gzip file unpacks to more than MAX_UNPACKED_MB
 */
export async function inspectPart(
  part: FilePart,
  header: Header,
  parse: RowParser,
  settled: boolean,
  limits: Limits,
): Promise<InspectedPart> {
  const maxTo = isGzip(part.path) ? limits.maxUnpackedBytes : Number.POSITIVE_INFINITY;
  let to = part.from;
  let lines = part.linesBefore;
  let openLineAt: number | null = null;
  let lineWaits = false;
  let rows = 0;
  let rejected = 0;
  let leadingZeros = 0;
  let repeatedHeaders = 0;
  let otherDateOrder = 0;
  const seen = createHash('sha256');
  const hashes = new Map<number, string>();
  const firstRejects: PartReject[] = [];
  for await (const block of partRows(part, header, parse)) {
    if (block.endAt > maxTo) {
      throw new TillcastError(
        'ETL_CSV_FILE',
        `it unpacks to more than ${maxTo / 1024 / 1024} MB (MAX_UNPACKED_MB): split it, or raise the limit`,
      );
    }
    if (block.open && !settled) {
      lineWaits = true;
      break;
    }
    if (block.open) openLineAt = block.startAt;
    to = block.endAt;
    hashes.set(to, seen.update(block.bytes).copy().digest('hex'));
    lines = block.lines;
    rows += block.rows.length;
    rejected += block.rejects.length;
    repeatedHeaders += block.repeatedHeaders;
    for (const { row } of block.rows) if (row.leadingZeros) leadingZeros += 1;
    for (const reject of block.rejects) {
      if (reject.reason.includes('DATE_ORDER=')) otherDateOrder += 1;
      if (firstRejects.length < listedRejects) firstRejects.push(reject);
    }
    if (rejected >= hopelessRows && rejected > rows && refusalOf({ rows, rejected }, limits) !== undefined) break;
  }
  return {
    to,
    lines,
    openLineAt,
    lineWaits,
    rows,
    rejected,
    firstRejects,
    leadingZeros,
    repeatedHeaders,
    otherDateOrder,
    hashes,
  };
}

/** Why a part with so many bad rows is refused whole, undefined where it is not (product.md, Bad rows). */
export function refusalOf(
  part: Pick<InspectedPart, 'rows' | 'rejected'>,
  settings: Pick<Settings, 'minRejectRows' | 'maxRejectPercent'>,
): string | undefined {
  const share = (100 * part.rejected) / Math.max(1, part.rows + part.rejected);
  if (part.rejected < settings.minRejectRows || share <= settings.maxRejectPercent) return undefined;
  return (
    `${part.rejected} of ${part.rows + part.rejected} rows are bad (${share.toFixed(1)} %, MAX_REJECT_PERCENT is ` +
    `${settings.maxRejectPercent}): nothing of it was loaded, its first ${listedRejects} bad rows are listed; mend the ` +
    'export, or raise MAX_REJECT_PERCENT, and run again'
  );
}
