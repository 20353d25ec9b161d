import { slotRunId } from '../../lib/core/slots.ts';
import { type Database, query } from '../../lib/postgres/pool.ts';

const hourMs = 3_600_000;

type Told = Readonly<{
  hoursAgo: number;
  status: string;
  seconds?: number;
  attempts?: number;
  reason?: string;
  covers?: number;
}>;

/** A day as an operator meets it: two hours failed, a stop of five hours, a catch-up, an hour that took another try. */
const day: readonly Told[] = [
  ...Array.from({ length: 20 }, (_, at) => ({ hoursAgo: 40 - at, status: 'succeeded', seconds: 9 + ((at * 7) % 9) })),
  {
    hoursAgo: 20,
    status: 'failed',
    attempts: 20,
    reason: 'OUTPUT_DIR needs about 41 MB for the new files beside the old, 3 MB are free: free some disk',
  },
  {
    hoursAgo: 19,
    status: 'failed',
    attempts: 20,
    reason: 'OUTPUT_DIR needs about 41 MB for the new files beside the old, 3 MB are free: free some disk',
  },
  { hoursAgo: 18, status: 'succeeded', seconds: 26, attempts: 2, covers: 3 },
  { hoursAgo: 17, status: 'succeeded', seconds: 10 },
  { hoursAgo: 11, status: 'succeeded', seconds: 34, covers: 6 },
  { hoursAgo: 10, status: 'succeeded_with_warnings', seconds: 13 },
  ...Array.from({ length: 8 }, (_, at) => ({ hoursAgo: 9 - at, status: 'succeeded', seconds: 9 + ((at * 5) % 6) })),
];

/** Writes the day into the ledger of a dataset without runs; `now`: the hour that the real run is in. */
export async function tellDay(db: Database, now: Date): Promise<void> {
  for (const { hoursAgo, status, seconds = 12, attempts = 1, reason, covers = 1 } of day) {
    const slot = new Date(Math.floor(now.getTime() / hourMs - hoursAgo) * hourMs);
    const slots = Array.from({ length: covers }, (_, at) => new Date(slot.getTime() - (covers - 1 - at) * hourMs));
    await query(
      db,
      `INSERT INTO run (run_id, trigger, slot, covers, status, reason, warnings, opened_at, finished_at, rows_read, rows_new)
       VALUES ($1, 'clock', $2, $3, $4, $5, CASE WHEN $4 = 'succeeded_with_warnings' THEN ARRAY[$7] ELSE '{}'::text[] END,
               $2::timestamptz, $2::timestamptz + make_interval(secs => $6), 60 * $8, 60 * $8)`,
      [
        slotRunId(slot),
        slot,
        slots,
        status,
        reason ?? null,
        seconds,
        'MongoDB is behind, a later run catches up',
        covers,
      ],
    );
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      await query(
        db,
        `INSERT INTO run_step (run_seq, step, attempt, started_at, finished_at, error)
         SELECT run_seq, 'apply', $2::integer, opened_at, finished_at, CASE WHEN $2::integer < $3::integer OR status = 'failed' THEN 'free some disk' END
         FROM run WHERE run_id = $1`,
        [slotRunId(slot), attempt, attempts],
      );
    }
  }
}
