import type pg from 'pg';
import { type HeldRun, stale } from './heldRun.ts';
import { type Database, query } from './pool.ts';

export type StepName = 'produce' | 'read' | 'apply' | 'mirror' | 'publish' | 'commit';

/** What a finished step left behind, small enough for a page. */
export type StepDetail = Readonly<Record<string, unknown>>;

export type StepRow = Readonly<{
  step: StepName;
  attempt: number;
  started_at: Date;
  finished_at: Date | null;
  detail: StepDetail;
  error: string | null;
}>;

/** The detail of the step where it is done, else undefined. */
export async function stepDone(
  db: Database | pg.PoolClient,
  runSeq: number,
  step: StepName,
): Promise<StepDetail | undefined> {
  const [row] = await query<StepRow>(
    db,
    'SELECT detail FROM run_step WHERE run_seq = $1 AND step = $2 AND finished_at IS NOT NULL AND error IS NULL',
    [runSeq, step],
  );
  return row?.detail;
}

/** Opens the next attempt of a step and returns its number, from 1. `startedAt`: it began earlier. */
export async function startStep(db: Database, runSeq: number, step: StepName, startedAt?: Date): Promise<number> {
  const [row] = await query<{ attempt: number }>(
    db,
    `INSERT INTO run_step (run_seq, step, attempt, started_at)
     SELECT $1, $2, coalesce(max(attempt), 0) + 1, coalesce($3, clock_timestamp())
     FROM run_step WHERE run_seq = $1 AND step = $2
     RETURNING attempt`,
    [runSeq, step, startedAt ?? null],
  );
  return row?.attempt ?? 1;
}

/** Records the step as done, for the run's holder alone; inside a transaction it becomes true together with what the step did. @throws TillcastError ETL_STALE */
export async function finishStep(
  db: Database | pg.PoolClient,
  run: HeldRun,
  step: StepName,
  attempt: number,
  detail: StepDetail,
): Promise<void> {
  const done = await query(
    db,
    `UPDATE run_step s SET finished_at = clock_timestamp(), detail = $4 FROM run r
     WHERE s.run_seq = $1 AND s.step = $2 AND s.attempt = $3
       AND r.run_seq = s.run_seq AND r.holder IS NOT DISTINCT FROM $5 AND r.finished_at IS NULL
     RETURNING s.step`,
    [run.run_seq, step, attempt, JSON.stringify(detail), run.holder],
  );
  if (done.length !== 1) throw stale(undefined);
}

export async function failStep(
  db: Database,
  runSeq: number,
  step: StepName,
  attempt: number,
  error: string,
): Promise<void> {
  await query(
    db,
    `UPDATE run_step SET finished_at = clock_timestamp(), error = $4
     WHERE run_seq = $1 AND step = $2 AND attempt = $3 AND finished_at IS NULL`,
    [runSeq, step, attempt, error],
  );
}

/** Forgets that a step was done, because what it left is gone (staging after a server crash). */
export async function reopenStep(db: Database, runSeq: number, step: StepName, reason: string): Promise<void> {
  await query(
    db,
    'UPDATE run_step SET error = $3 WHERE run_seq = $1 AND step = $2 AND finished_at IS NOT NULL AND error IS NULL',
    [runSeq, step, reason],
  );
}

/** What the newest run that did this step left behind. */
export async function newestDetail(db: Database, step: StepName): Promise<StepDetail | undefined> {
  const [row] = await query<StepRow>(
    db,
    `SELECT detail FROM run_step WHERE step = $1 AND finished_at IS NOT NULL AND error IS NULL
     ORDER BY run_seq DESC LIMIT 1`,
    [step],
  );
  return row?.detail;
}

/** All steps of a run in the order they began. */
export async function stepsOf(db: Database, runSeq: number): Promise<StepRow[]> {
  return query<StepRow>(db, 'SELECT * FROM run_step WHERE run_seq = $1 ORDER BY started_at, attempt', [runSeq]);
}
