import type { FileProgress } from '../core/fileProgress.ts';
import type { HeldRun } from './heldRun.ts';
import { type Database, query } from './pool.ts';

type Row = Readonly<{
  name: string;
  kind: string;
  inode: string;
  size_bytes: number;
  modified_ms: number;
  reading: number;
  applied_to: number;
  applied_lines: number;
  valid_rows: number;
  open_line_at: number | null;
  head_hash: string;
  tail_hash: string;
  whole_hash: string | null;
  whole_to: number | null;
  checked_on: string | null;
}>;

/** What is applied of each file, by name. */
export async function appliedFiles(db: Database): Promise<Map<string, FileProgress>> {
  const rows = await query<Row>(db, 'SELECT * FROM source_file');
  return new Map(
    rows.map((row) => [
      row.name,
      {
        name: row.name,
        kind: row.kind,
        inode: row.inode,
        sizeBytes: row.size_bytes,
        modifiedMs: row.modified_ms,
        reading: row.reading,
        appliedTo: row.applied_to,
        appliedLines: row.applied_lines,
        validRows: row.valid_rows,
        openLineAt: row.open_line_at,
        headHash: row.head_hash,
        tailHash: row.tail_hash,
        wholeHash: row.whole_hash,
        wholeTo: row.whole_to,
        checkedOn: row.checked_on,
      },
    ]),
  );
}

/** Notes how far a run read a file; it counts only when the run is applied. */
export async function noteProgress(db: Database, runSeq: number, file: FileProgress): Promise<void> {
  await query(
    db,
    `INSERT INTO source_file_provisional
       (run_seq, name, kind, inode, size_bytes, modified_ms, reading, applied_to, applied_lines, open_line_at,
        head_hash, tail_hash, whole_hash, whole_to, checked_on, valid_rows)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
     ON CONFLICT (run_seq, name) DO UPDATE SET
       kind = excluded.kind, inode = excluded.inode, size_bytes = excluded.size_bytes,
       modified_ms = excluded.modified_ms, reading = excluded.reading, applied_to = excluded.applied_to,
       applied_lines = excluded.applied_lines, open_line_at = excluded.open_line_at, head_hash = excluded.head_hash,
       tail_hash = excluded.tail_hash, whole_hash = excluded.whole_hash, whole_to = excluded.whole_to,
       checked_on = excluded.checked_on, valid_rows = excluded.valid_rows`,
    [
      runSeq,
      file.name,
      file.kind,
      file.inode,
      file.sizeBytes,
      file.modifiedMs,
      file.reading,
      file.appliedTo,
      file.appliedLines,
      file.openLineAt,
      file.headHash,
      file.tailHash,
      file.wholeHash,
      file.wholeTo,
      file.checkedOn,
      file.validRows,
    ],
  );
}

/** Forgets what earlier attempts noted and nobody applied: a new attempt starts at what is applied. Only for the run's holder. */
export async function forgetProvisional(db: Database, run: HeldRun): Promise<void> {
  const held = 'EXISTS (SELECT FROM run WHERE run_seq = $1 AND holder IS NOT DISTINCT FROM $2 AND finished_at IS NULL)';
  await query(db, `DELETE FROM source_file_provisional WHERE ${held}`, [run.run_seq, run.holder]);
  await query(db, `DELETE FROM rejected_row WHERE NOT applied AND ${held}`, [run.run_seq, run.holder]);
}
