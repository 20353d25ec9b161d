import { type Database, query } from './pool.ts';

/** A text that changes whenever the newest run moves: its heartbeat, its holder, its state, its steps. */
export async function progressMark(db: Database): Promise<string> {
  const [row] = await query<{ mark: string }>(
    db,
    `SELECT concat_ws(' ', r.run_id, r.status, r.holder, r.heartbeat_at, s.begun, s.newest) AS mark
     FROM (SELECT * FROM run ORDER BY run_seq DESC LIMIT 1) r
     CROSS JOIN LATERAL (SELECT count(*) AS begun, max(coalesce(finished_at, started_at)) AS newest
                         FROM run_step WHERE run_seq = r.run_seq) s`,
  );
  return row?.mark ?? 'no run yet';
}

/**
 * Opens a failed run again for whoever looks for abandoned runs, as if its holder had died long ago; false where it is
 * not failed, or another run is open.
 */
export async function reopenRun(db: Database, runId: string): Promise<boolean> {
  const rows = await query(
    db,
    `UPDATE run SET status = 'running', finished_at = NULL, reason = NULL, holder = NULL,
                    heartbeat_at = now() - interval '1 hour'
     WHERE run_id = $1 AND status = 'failed' AND NOT EXISTS (SELECT FROM run o WHERE o.finished_at IS NULL)
     RETURNING run_id`,
    [runId],
  );
  return rows.length === 1;
}
