import { hash } from 'node:crypto';
import type { Rejection } from '../core/types.ts';
import { type Database, query } from './pool.ts';

/** A line that was not loaded; `line` is the physical line counting the header as 1. */
export type RejectedLine = Rejection & Readonly<{ file: string; line: number; raw: string; reading: number }>;

/** Longer raw text is cut: a broken file may hold megabytes in one line. */
const rawMaxChars = 2000;

/** Keeps rejected lines, each once per file; provisional until the run is applied. */
export async function keepRejects(db: Database, runSeq: number, rejects: readonly RejectedLine[]): Promise<void> {
  if (rejects.length === 0) return;
  const column = <T>(pick: (reject: RejectedLine) => T) => rejects.map(pick);
  await query(
    db,
    `INSERT INTO rejected_row AS r (file, line, raw_hash, reading, column_name, value, reason, raw, run_seq)
     SELECT DISTINCT ON (file, line, raw_hash) file, line, raw_hash, reading, column_name, value, reason, raw, $9
     FROM unnest($1::text[], $2::bigint[], $3::text[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[])
       AS u (file, line, raw_hash, reading, column_name, value, reason, raw)
     ON CONFLICT (file, line, raw_hash) DO UPDATE SET
       -- A process that was taken for dead and wakes must not take a newer run's rejects away.
       run_seq = greatest(r.run_seq, excluded.run_seq) WHERE NOT r.applied`,
    [
      column((reject) => reject.file),
      column((reject) => reject.line),
      column((reject) => hash('sha256', reject.raw, 'hex').slice(0, 32)),
      column((reject) => reject.reading),
      column((reject) => reject.column),
      column((reject) => storable(reject.value)),
      column((reject) => reject.reason),
      column((reject) => storable(reject.raw)),
      runSeq,
    ],
  );
}

/** PostgreSQL's text cannot hold NUL; a picture of it stands in. */
function storable(text: string): string {
  return text.slice(0, rawMaxChars).replaceAll('\0', '␀');
}
