import { type Database, query } from './pool.ts';

export type AlertKind = 'failure' | 'absence';
export type DueAlert = Readonly<{ kind: AlertKind; subject: string; tries: number }>;

/** Older failures than this are history: nobody is woken for them when alerts are first switched on. */
const newestFailures = '24 hours';
const tryAgainAfter = '30 seconds';
export const alertTries = 5;

/** Notes each failed run that nobody was told of; a run ends failed only after its last attempt. */
export async function noteFailures(db: Database): Promise<void> {
  await query(
    db,
    `INSERT INTO alert (kind, subject)
     SELECT 'failure', run_id || ' ' || extract(epoch FROM finished_at)::bigint FROM run
     WHERE status = 'failed' AND finished_at > now() - $1::interval
     ON CONFLICT DO NOTHING`,
    [newestFailures],
  );
}

/** Notes that no good run came since `subject`; once for each such time. */
export async function noteAbsence(db: Database, subject: string): Promise<void> {
  await query(db, `INSERT INTO alert (kind, subject) VALUES ('absence', $1) ON CONFLICT DO NOTHING`, [subject]);
}

/** Takes an alert to deliver, so that no other process delivers it meanwhile; undefined where none is due. */
export async function takeAlert(db: Database): Promise<DueAlert | undefined> {
  const [alert] = await query<DueAlert>(
    db,
    `UPDATE alert a SET tries = tries + 1, next_try_at = now() + $2::interval * (tries + 1)
     FROM (SELECT kind, subject FROM alert WHERE delivered_at IS NULL AND tries < $1 AND next_try_at <= now()
           ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED) d
     WHERE a.kind = d.kind AND a.subject = d.subject
     RETURNING a.kind, a.subject, a.tries`,
    [alertTries, tryAgainAfter],
  );
  return alert;
}

/** `error`: undefined where it was delivered. */
export async function noteDelivery(db: Database, { kind, subject }: DueAlert, error?: string): Promise<void> {
  await query(
    db,
    `UPDATE alert SET delivered_at = CASE WHEN $3::text IS NULL THEN now() END, error = $3
     WHERE kind = $1 AND subject = $2`,
    [kind, subject, error ?? null],
  );
}
