import type { Run, RunStatus } from './ledger.ts';
import { type Database, query } from './pool.ts';

/** A run with how often its most tried step was tried. */
export type PastRun = Run & Readonly<{ reads_files: boolean; attempts: number }>;

export type RunFilter = Readonly<{
  status: readonly RunStatus[] | null;
  /** Opened on these UTC dates, both included; null: any. */
  from: string | null;
  to: string | null;
}>;

/** A slot long ago was not waited for by more runs than this. */
const mostRuns = 20_000;

const withAttempts = `SELECT r.*, coalesce((SELECT max(attempt) FROM run_step s WHERE s.run_seq = r.run_seq), 0)::integer AS attempts
  FROM run r`;

/** Runs that were opened since, oldest first. */
export async function runsSince(db: Database, since: Date): Promise<PastRun[]> {
  return query<PastRun>(
    db,
    `${withAttempts} WHERE opened_at >= $1 OR slot >= $1 ORDER BY run_seq DESC LIMIT ${mostRuns}`,
    [since],
  ).then((runs) => runs.reverse());
}

/** When the first run began; null before it. */
export async function firstRunAt(db: Database): Promise<Date | null> {
  const [row] = await query<{ at: Date | null }>(db, 'SELECT least(min(opened_at), min(slot)) AS at FROM run');
  return row?.at ?? null;
}

/** A page of the runs, newest first, with the number of all. */
export async function runPage(
  db: Database,
  { status, from, to }: RunFilter,
  page: number,
  size: number,
): Promise<{ runs: PastRun[]; total: number }> {
  const where = `WHERE ($1::text[] IS NULL OR status = ANY ($1)) AND ($2::date IS NULL OR opened_at >= $2::date)
    AND ($3::date IS NULL OR opened_at < $3::date + 1)`;
  const values = [status, from, to];
  const [runs, [count]] = await Promise.all([
    query<PastRun>(db, `${withAttempts} ${where} ORDER BY run_seq DESC LIMIT $4 OFFSET $5`, [
      ...values,
      size,
      (page - 1) * size,
    ]),
    query<{ total: number }>(db, `SELECT count(*)::integer AS total FROM run ${where}`, values),
  ]);
  return { runs, total: count?.total ?? 0 };
}

export async function pastRun(db: Database, runId: string): Promise<PastRun | undefined> {
  const [run] = await query<PastRun>(db, `${withAttempts} WHERE run_id = $1`, [runId]);
  return run;
}

/** A good run that began later and read files: what this one had to do is done. */
export async function laterGoodRun(db: Database, runSeq: number): Promise<Run | undefined> {
  const [run] = await query<Run>(
    db,
    `SELECT * FROM run WHERE run_seq > $1 AND status IN ('succeeded', 'succeeded_with_warnings') AND reads_files
     ORDER BY run_seq LIMIT 1`,
    [runSeq],
  );
  return run;
}

export type ReadFile = Readonly<{ name: string; kind: string; applied_lines: number; size_bytes: number }>;

/** Files that this run was the last to read, and how many they are; files that grew since belong to later runs. */
export async function filesOf(
  db: Database,
  runSeq: number,
  limit: number,
): Promise<{ files: ReadFile[]; total: number }> {
  const [files, [count]] = await Promise.all([
    query<ReadFile>(
      db,
      `SELECT name, kind, applied_lines, size_bytes FROM source_file WHERE run_seq = $1 ORDER BY name LIMIT $2`,
      [runSeq, limit],
    ),
    query<{ total: number }>(db, 'SELECT count(*)::integer AS total FROM source_file WHERE run_seq = $1', [runSeq]),
  ]);
  return { files, total: count?.total ?? 0 };
}
