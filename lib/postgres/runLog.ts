import { type Database, query } from './pool.ts';

export type LogLine = Readonly<{ said_at: Date; line: string }>;

/** A run that says more keeps its first lines; what it says is in the worker's own log as well. */
const mostLines = 500;
const longestLine = 2_000;
/** Logs of so many runs are kept. */
const runsKept = 5_000;

/** Keeps a line; where the run is unknown, or has said enough, it is left out. */
export async function keepLogLine(db: Database, runId: string, line: string): Promise<void> {
  await query(
    db,
    `INSERT INTO run_log (run_seq, line)
     SELECT run_seq, $2 FROM run r
     WHERE run_id = $1 AND (SELECT count(*) FROM run_log l WHERE l.run_seq = r.run_seq) < $3`,
    [runId, line.replaceAll('\u0000', '').slice(0, longestLine), mostLines],
  );
}

export async function logOf(db: Database, runSeq: number): Promise<LogLine[]> {
  return query<LogLine>(db, 'SELECT said_at, line FROM run_log WHERE run_seq = $1 ORDER BY line_no', [runSeq]);
}

export async function pruneRunLog(db: Database): Promise<void> {
  await query(db, 'DELETE FROM run_log WHERE run_seq < (SELECT max(run_seq) FROM run) - $1', [runsKept]);
}
