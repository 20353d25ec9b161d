import { type Database, query, violates } from './pool.ts';

export type RunTrigger = 'clock' | 'start-up' | 'sweep' | 'hand' | 'once' | 'follow' | 'replay' | 'repair';
export type RunStatus = 'running' | 'succeeded' | 'succeeded_with_warnings' | 'failed';

/** A row of the ledger. Times are instants; counts are rows. */
export type Run = Readonly<{
  run_seq: number;
  run_id: string;
  trigger: RunTrigger;
  slot: Date | null;
  covers: Date[];
  status: RunStatus;
  reason: string | null;
  warnings: string[];
  holder: string | null;
  heartbeat_at: Date;
  opened_at: Date;
  finished_at: Date | null;
  applied_at: Date | null;
  mirrored_at: Date | null;
  /** The lease under which it counts in rounds, with the help of others; of no meaning once another holds the run. */
  led_by: string | null;
  /** It counts no more rows: MongoDB and the CSVs are next. */
  handed_on: boolean;
  files: number;
  files_refused: number;
  rows_read: number;
  rows_new: number;
  rows_duplicate: number;
  rows_rejected: number;
  pairs_changed: number;
}>;

/** The counts of a run, as summaries and run_info.csv carry them. */
export function runCounts(run: Run) {
  const { files, files_refused, rows_read, rows_new, rows_duplicate, rows_rejected, pairs_changed } = run;
  return { files, files_refused, rows_read, rows_new, rows_duplicate, rows_rejected, pairs_changed };
}

/** A holder that has not beaten for so long is taken for dead (architecture.md, The hour). */
export const holderDeadAfterSeconds = 30;

export type NewRun = Readonly<{
  runId: string;
  trigger: RunTrigger;
  slot: Date | null;
  covers: readonly Date[];
  /** false: it makes no hour good. */
  readsFiles?: boolean;
}>;
export type Opening = { readonly opened: Run } | { readonly known: Run } | { readonly occupied: Run };

/** Opens a run, unless this id is known already or another run holds the place: then says which. */
export async function openRun(db: Database, run: NewRun): Promise<Opening> {
  const [known] = await query<Run>(db, 'SELECT * FROM run WHERE run_id = $1', [run.runId]);
  if (known !== undefined) return { known };
  try {
    const [opened] = await query<Run>(
      db,
      'INSERT INTO run (run_id, trigger, slot, covers, reads_files) VALUES ($1, $2, $3, $4, $5) RETURNING *',
      [run.runId, run.trigger, run.slot, run.covers, run.readsFiles ?? true],
    );
    return { opened: opened as Run };
  } catch (error) {
    const occupied = violates(error, 'run_one_open') ? await openRunRow(db) : undefined;
    if (occupied !== undefined) return { occupied };
    if (violates(error, 'run_one_open') || violates(error, 'run_run_id_key')) return openRun(db, run);
    throw error;
  }
}

/** The run that holds the place, if any. */
export async function openRunRow(db: Database): Promise<Run | undefined> {
  const [run] = await query<Run>(db, 'SELECT * FROM run WHERE finished_at IS NULL');
  return run;
}

export async function findRun(db: Database, runId: string): Promise<Run | undefined> {
  const [run] = await query<Run>(db, 'SELECT * FROM run WHERE run_id = $1', [runId]);
  return run;
}

/** The process part of a holder `process#lease`: the name that its connections bear. */
const processOf = `split_part(holder, '#', 1)`;

/**
 * Takes the run for `holder` (`process#lease`, another for each piece of work, so that two jobs of one process exclude
 * each other too): free, or left by a holder that no longer beats or has no connection (its backends are then ended).
 * A failed run is opened again. undefined where somebody else holds it, or another run is open.
 */
export async function claimRun(db: Database, runId: string, holder: string): Promise<Run | undefined> {
  const before = await findRun(db, runId);
  try {
    const [claimed] = await query<Run>(
      db,
      `UPDATE run SET holder = $2, heartbeat_at = now(), finished_at = NULL, status = 'running', reason = NULL
       WHERE run_id = $1 AND status IN ('running', 'failed')
         AND (holder IS NULL OR finished_at IS NOT NULL
              OR heartbeat_at < now() - make_interval(secs => $3)
              OR NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.application_name = ${processOf}))
       RETURNING *`,
      [runId, holder, holderDeadAfterSeconds],
    );
    const left = before?.holder?.split('#')[0];
    if (claimed !== undefined && left !== undefined && left !== holder.split('#')[0]) await endBackends(db, left);
    return claimed;
  } catch (error) {
    if (violates(error, 'run_one_open')) return undefined;
    throw error;
  }
}

/** Says "still here"; false where the run was taken by another, so that the caller must stop. */
export async function beat(db: Database, runId: string, holder: string): Promise<boolean> {
  const rows = await query(
    db,
    // Not now(): a beat may wait behind a long apply, and must not look as old as its beginning then.
    'UPDATE run SET heartbeat_at = clock_timestamp() WHERE run_id = $1 AND holder = $2 AND finished_at IS NULL RETURNING run_id',
    [runId, holder],
  );
  return rows.length === 1;
}

/**
 * Gives the run back to whoever comes next (the consumer after the producer, a retry). `left`: nobody of this process
 * comes, so whoever looks next may take it up at once.
 */
export async function releaseRun(db: Database, runId: string, holder: string, left = false): Promise<void> {
  await query(
    db,
    `UPDATE run SET holder = NULL, heartbeat_at = CASE WHEN $3 THEN now() - make_interval(secs => $4) ELSE now() END
     WHERE run_id = $1 AND holder = $2`,
    [runId, holder, left, holderDeadAfterSeconds + 1],
  );
}

/** Ends a run that `holder` holds, or nobody; false where another has taken it, whose business it is now. */
export async function finishRun(
  db: Database,
  runId: string,
  status: RunStatus,
  reason: string | null,
  holder: string | null = null,
): Promise<boolean> {
  const rows = await query(
    db,
    `UPDATE run SET status = $2, reason = $3, finished_at = now(), holder = NULL
     WHERE run_id = $1 AND finished_at IS NULL AND (holder IS NULL OR holder = $4) RETURNING run_id`,
    [runId, status, reason, holder],
  );
  return rows.length === 1;
}

/** Adds a warning that the run ends with. */
export async function warnRun(db: Database, runId: string, warning: string): Promise<void> {
  await query(
    db,
    'UPDATE run SET warnings = array_append(warnings, $2) WHERE run_id = $1 AND NOT $2 = ANY (warnings)',
    [runId, warning],
  );
}

/** What a run's producer read, for all to see; rounds that were counted before (a run that was left and taken up) stay. */
export async function countRun(
  db: Database,
  runId: string,
  counts: Readonly<{ files?: number; filesRefused?: number; rowsRead?: number; rowsRejected?: number }>,
): Promise<void> {
  await query(
    db,
    `UPDATE run SET files = coalesce(k.keep * files + $2, files),
                    files_refused = coalesce(k.keep * files_refused + $3, files_refused),
                    rows_read = coalesce(k.keep * rows_read + $4, rows_read),
                    rows_rejected = coalesce(k.keep * rows_rejected + $5, rows_rejected)
     FROM (SELECT (applied_at IS NOT NULL)::integer AS keep FROM run WHERE run_id = $1) k
     WHERE run_id = $1`,
    [runId, counts.files ?? null, counts.filesRefused ?? null, counts.rowsRead ?? null, counts.rowsRejected ?? null],
  );
}

/** The newest runs first. */
export async function newestRuns(db: Database, limit: number): Promise<Run[]> {
  return query<Run>(db, 'SELECT * FROM run ORDER BY run_seq DESC LIMIT $1', [limit]);
}

/** The newest run that has ended, if any. */
export async function newestEnded(db: Database): Promise<Run[]> {
  return query<Run>(db, 'SELECT * FROM run WHERE finished_at IS NOT NULL ORDER BY run_seq DESC LIMIT 1');
}

/** The newest good run that read files, if any. */
export async function lastGoodRun(db: Database): Promise<Run | undefined> {
  const [run] = await query<Run>(
    db,
    `SELECT * FROM run WHERE status IN ('succeeded', 'succeeded_with_warnings') AND reads_files
     ORDER BY run_seq DESC LIMIT 1`,
  );
  return run;
}

/** A good run that read files and began at or after `slot`: then that hour is done. */
export async function runCovering(db: Database, slot: Date): Promise<Run | undefined> {
  const [run] = await query<Run>(
    db,
    `SELECT * FROM run WHERE status IN ('succeeded', 'succeeded_with_warnings') AND reads_files
       AND (slot >= $1 OR opened_at >= $1) ORDER BY run_seq LIMIT 1`,
    [slot],
  );
  return run;
}

/** Ends the connections of a holder that is taken for dead, so that no transaction of it can still commit. */
async function endBackends(db: Database, holder: string): Promise<void> {
  await query(
    db,
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND datname = current_database()',
    [holder],
  );
}
