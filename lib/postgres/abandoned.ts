import { holderDeadAfterSeconds, type Run } from './ledger.ts';
import { type Database, query } from './pool.ts';

/** A holder beats over a connection of its own name; without one for so long it is gone. */
const goneAfterSeconds = 8;

/**
 * The open run that nobody works on: its holder has not beaten for 30 s, or has no connection left (a killed process),
 * or none took it up for 30 s (a lost queue).
 */
export async function abandonedRun(db: Database): Promise<Run | undefined> {
  const [run] = await query<Run>(
    db,
    `SELECT r.* FROM run r
     WHERE r.finished_at IS NULL
       AND (r.heartbeat_at < now() - make_interval(secs => $1)
            OR (r.holder IS NOT NULL AND r.heartbeat_at < now() - make_interval(secs => $2)
                AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.application_name = split_part(r.holder, '#', 1))))`,
    [holderDeadAfterSeconds, goneAfterSeconds],
  );
  return run;
}

/** Whether the open run's holder has no connection: it died, or comes back within moments. */
export async function holderLost(db: Database): Promise<boolean> {
  const [run] = await query(
    db,
    `SELECT FROM run r WHERE r.finished_at IS NULL AND r.holder IS NOT NULL
       AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.application_name = split_part(r.holder, '#', 1))`,
  );
  return run !== undefined;
}

/** Whether the open run waits for somebody to take its next step: for moments, unless its process died between two. */
export async function waitsForHolder(db: Database): Promise<boolean> {
  return (await query(db, 'SELECT FROM run WHERE finished_at IS NULL AND holder IS NULL')).length > 0;
}
