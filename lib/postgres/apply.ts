import type pg from 'pg';
import { TillcastError } from '../core/errors.ts';
import { stale } from './heldRun.ts';
import { moveOffsets, type OffsetRange } from './offsets.ts';
import { type Database, inTransaction, query } from './pool.ts';
import { finishStep, type StepDetail, stepDone } from './runSteps.ts';
import { sqlFile, sqlFiles } from './sqlFile.ts';

export type ApplyInput = Readonly<{
  runSeq: number;
  /** The lease under which this is done; the run must still be held by it. */
  holder: string | null;
  attempt: number;
  reading: number;
  /** Rows that were read into staging: all must be there. */
  stagedRows: number;
  topic: string;
  ranges: readonly OffsetRange[];
  timeZone: string;
  /** Called where a crash must be survived: all is written; COMMIT is on its way. */
  beforeCommit?: () => void;
  commitSent?: () => void;
}>;

export type Applied = Readonly<{ rowsNew: number; rowsDuplicate: number; pairsChanged: number; rebuilt: boolean }>;

/**
 * The one transaction that makes a run count: events, days, closings, totals, hours, rejects, file watermarks and
 * the Kafka offsets, all or nothing. Each step is a numbered file of `apply/`.
 * @throws TillcastError ETL_STALE if the offsets moved under it, ETL_PG otherwise
 */
export async function applyRun(db: Database, input: ApplyInput): Promise<Applied> {
  return inTransaction(
    db,
    async (client) => {
      await client.query(`SET LOCAL work_mem = '128MB'; SET LOCAL hash_mem_multiplier = 2`);
      await checkHeld(client, input);
      const before = await stepDone(client, input.runSeq, 'apply');
      // The COMMIT of an attempt whose answer was lost may arrive late: what it did must not be done again.
      if (before !== undefined) return appliedBefore(before);
      await moveOffsets(client, input.topic, input.runSeq, input.ranges);
      await checkStaged(client, input);
      const rebuild = await rulesChanged(client);
      await client.query(
        `CREATE TEMP TABLE apply_context (run_seq integer, reading bigint, rebuild boolean, time_zone text)
       ON COMMIT DROP`,
      );
      await query(client, 'INSERT INTO apply_context VALUES ($1, $2, $3, $4)', [
        input.runSeq,
        input.reading,
        rebuild,
        input.timeZone,
      ]);
      for (const file of sqlFiles('apply')) {
        if (file !== 'apply/00_rebuild.sql' || rebuild) await client.query(sqlFile(file));
      }
      const [counted] = await query<{ rows_new: number; pairs_changed: number }>(
        client,
        `SELECT rows_new, (SELECT count(*) FROM run_delta WHERE run_seq = $1) AS pairs_changed FROM applied_count`,
        [input.runSeq],
      );
      const rowsNew = Number(counted?.rows_new ?? 0);
      const pairsChanged = Number(counted?.pairs_changed ?? 0);
      const [totals] = await query<{ rows_read: number; rows_rejected: number }>(
        client,
        'SELECT rows_read, rows_rejected FROM run WHERE run_seq = $1',
        [input.runSeq],
      );
      const rowsDuplicate = Math.max(0, Number(totals?.rows_read) - Number(totals?.rows_rejected) - rowsNew);
      await query(
        client,
        // Rows that a failed run had sent and whose file is gone by now are read from Kafka alone: they count as read too.
        // This transaction locks the run's row, so it beats for those who waited for it.
        `UPDATE run SET rows_new = $2::bigint, rows_duplicate = $3::bigint, pairs_changed = $4,
                      applied_at = clock_timestamp(), heartbeat_at = clock_timestamp(),
                      rows_read = greatest(rows_read, $2::bigint + $3::bigint + rows_rejected)
       WHERE run_seq = $1`,
        [input.runSeq, rowsNew, rowsDuplicate, pairsChanged],
      );
      const detail = {
        rows_new: rowsNew,
        rows_duplicate: rowsDuplicate,
        pairs_changed: pairsChanged,
        rebuilt: rebuild,
      };
      await finishStep(client, { run_seq: input.runSeq, holder: input.holder }, 'apply', input.attempt, detail);
      input.beforeCommit?.();
      return { rowsNew, rowsDuplicate, pairsChanged, rebuilt: rebuild };
    },
    { commitSent: input.commitSent },
  );
}

/** The run's row stays locked, so that nobody takes the run over before this commits. */
async function checkHeld(client: pg.PoolClient, { runSeq, holder }: ApplyInput): Promise<void> {
  const [run] = await query<{ holder: string | null }>(client, 'SELECT holder FROM run WHERE run_seq = $1 FOR UPDATE', [
    runSeq,
  ]);
  if (run?.holder === holder) return;
  throw stale(run?.holder);
}

function appliedBefore(detail: StepDetail): Applied {
  return {
    rowsNew: Number(detail.rows_new),
    rowsDuplicate: Number(detail.rows_duplicate),
    pairsChanged: Number(detail.pairs_changed),
    rebuilt: detail.rebuilt === true,
  };
}

/** Offsets must never move past rows that are not there (staging is lost in a server crash). */
async function checkStaged(client: pg.PoolClient, { reading, stagedRows }: ApplyInput): Promise<void> {
  const [staged] = await query<{ count: number }>(client, 'SELECT count(*) FROM staging_event WHERE reading = $1', [
    reading,
  ]);
  if (Number(staged?.count) === stagedRows) return;
  throw new TillcastError(
    'ETL_PG',
    `staging holds ${staged?.count} of the ${stagedRows} rows that were read: nothing was applied; they are read again`,
    { retryable: true },
  );
}

/** Whether change types or the online store mean something else than when figures were last derived; records it. */
async function rulesChanged(client: pg.PoolClient): Promise<boolean> {
  const changed = await query<{ had_events: boolean }>(
    client,
    `WITH now AS (
       SELECT d.online_store_id || '/' || d.online_bopis_moves_stock || '/' ||
              coalesce((SELECT string_agg(change_type_id || '=' || role, ',' ORDER BY change_type_id)
                        FROM change_type), '') AS fingerprint
       FROM dataset d)
     UPDATE dataset SET rules_fingerprint = now.fingerprint FROM now
     WHERE rules_fingerprint <> now.fingerprint
     RETURNING EXISTS (SELECT FROM inventory_event) AS had_events`,
  );
  return changed[0]?.had_events === true;
}
