import type pg from 'pg';
import { TillcastError } from '../core/errors.ts';
import type { IdentifiedEvent } from '../core/types.ts';
import { assertHeld, isStale } from './heldRun.ts';
import { moveOffsets, type OffsetRange } from './offsets.ts';
import { type Database, inTransaction, query } from './pool.ts';
import { finishStep, type StepDetail, stepDone } from './runSteps.ts';
import { sqlFile, sqlFiles } from './sqlFile.ts';
import { copyEvents, countStaged } from './staging.ts';

export type ApplyInput = Readonly<{
  runSeq: number;
  /** The lease under which this is done; the run must still be held by it. */
  holder: string | null;
  /** Of the run's apply step; null for a round of many (`follow`), which the ledger does not list one by one. */
  attempt: number | null;
  /** The rows: those that were read into staging, which must all be there, or these here. */
  rows: Readonly<{ reading: number; stagedRows: number }> | Readonly<{ events: readonly IdentifiedEvent[] }>;
  /** Whether all is in that the run's producer sent so far: then file watermarks and rejects become final. */
  complete: boolean;
  /** Other processes may hold rows of the same pairs: then this is applied while no other round is. */
  alone?: boolean;
  /** How long to wait for rows that another round of many rows holds, instead of the few seconds that are usual. */
  lockTimeoutMs?: number;
  /** Rows that the producer read for this round, where nobody has counted them for the run yet. */
  produced?: RoundCounts;
  topic: string;
  ranges: readonly OffsetRange[];
  timeZone: string;
  /** Called where a crash must be survived: all is written; COMMIT is on its way. */
  beforeCommit?: () => void;
  commitSent?: () => void;
}>;

export type RoundCounts = Readonly<{ files: number; filesRefused: number; rowsRead: number; rowsRejected: number }>;

export type Applied = Readonly<{ rowsNew: number; rowsDuplicate: number; pairsChanged: number; rebuilt: boolean }>;

/** From so many rows on all are looked for at once instead of one by one (apply/02_events.sql). */
const manyRows = 20_000;

/**
 * The one transaction that makes rows count: events, days, closings, totals, hours, rejects, file watermarks and the
 * Kafka offsets, all or nothing. Each step is a numbered file of `apply/`.
 * @throws TillcastError ETL_STALE if the offsets moved under it or the run was taken, ETL_PG otherwise
 */
export async function applyRun(db: Database, input: ApplyInput): Promise<Applied> {
  const { rows } = input;
  return inTransaction(
    db,
    async (client) => {
      // Sizes and rough counts are all that plans of this transaction need to know of its own tables.
      await client.query(
        `SET LOCAL work_mem = '128MB'; SET LOCAL hash_mem_multiplier = 2; SET LOCAL default_statistics_target = 20`,
      );
      if (input.lockTimeoutMs !== undefined) {
        await query(client, `SELECT set_config('lock_timeout', $1, true)`, [`${input.lockTimeoutMs}ms`]);
      }
      await assertHeld(client, { run_seq: input.runSeq, holder: input.holder });
      // The COMMIT of an attempt whose answer was lost may arrive late: what it did must not be done again.
      const before = input.attempt === null ? undefined : await stepDone(client, input.runSeq, 'apply');
      if (before !== undefined) return appliedBefore(before);
      await shareRounds(client, input.alone ?? false);
      const meanwhile = await moveOrLearn(client, input);
      if (meanwhile !== undefined) return appliedBefore(meanwhile);
      await client.query(sqlFile('apply/00_tables.sql'));
      if ('events' in rows) await copyEvents(client, rows.events);
      else await checkStaged(client, rows);
      const rebuilt = await rulesChanged(client);
      await query(client, 'INSERT INTO apply_context VALUES ($1, $2, $3, $4, $5, $6)', [
        input.runSeq,
        'reading' in rows ? rows.reading : null,
        ('events' in rows ? rows.events.length : rows.stagedRows) >= manyRows,
        input.complete,
        rebuilt,
        input.timeZone,
      ]);
      for (const file of sqlFiles('apply').slice(1)) {
        if (file !== 'apply/01_rebuild.sql' || rebuilt) await client.query(sqlFile(file));
      }
      const applied = { ...(await countApplied(client, input)), rebuilt };
      if (input.attempt !== null) {
        const detail = {
          rows_new: applied.rowsNew,
          rows_duplicate: applied.rowsDuplicate,
          pairs_changed: applied.pairsChanged,
          rebuilt,
        };
        await finishStep(client, { run_seq: input.runSeq, holder: input.holder }, 'apply', input.attempt, detail);
      }
      input.beforeCommit?.();
      return applied;
    },
    { commitSent: input.commitSent },
  );
}

/** Rounds of several processes go on side by side, as a pair lies in one partition; where it may not, one by one. */
async function shareRounds(client: pg.PoolClient, alone: boolean): Promise<void> {
  const lock = alone ? 'pg_advisory_xact_lock' : 'pg_advisory_xact_lock_shared';
  await client.query(`SELECT ${lock}(hashtext('tillcast rounds'), hashtext(current_schema()))`);
}

/** Offsets that moved under another attempt of this very step, whose COMMIT has just come through: then its detail. */
async function moveOrLearn(client: pg.PoolClient, input: ApplyInput): Promise<StepDetail | undefined> {
  try {
    await moveOffsets(client, input.topic, input.runSeq, input.ranges);
    return undefined;
  } catch (error) {
    const meanwhile =
      isStale(error) && input.attempt !== null ? await stepDone(client, input.runSeq, 'apply') : undefined;
    if (meanwhile === undefined) throw error;
    return meanwhile;
  }
}

/**
 * Adds to the run's counts what this application brought, under the run's lock: from here to COMMIT nobody takes the
 * run over, and a process whose run was taken, or handed on, meanwhile changes nothing.
 */
async function countApplied(client: pg.PoolClient, { runSeq, holder, produced, complete }: ApplyInput) {
  const [counted] = await query<{ rows_new: number; rows_duplicate: number; pairs_changed: number }>(
    client,
    sqlFile('count_applied.sql'),
    [
      runSeq,
      holder,
      produced?.files ?? 0,
      produced?.filesRefused ?? 0,
      produced?.rowsRead ?? 0,
      produced?.rowsRejected ?? 0,
      complete,
    ],
  );
  if (counted === undefined) {
    await assertHeld(client, { run_seq: runSeq, holder });
    throw new TillcastError('ETL_STALE', 'the run was handed on while this process counted rows: they go to the next', {
      retryable: true,
    });
  }
  const { rows_new, rows_duplicate, pairs_changed } = counted;
  return { rowsNew: Number(rows_new), rowsDuplicate: Number(rows_duplicate), pairsChanged: Number(pairs_changed) };
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
async function checkStaged(
  client: pg.PoolClient,
  { reading, stagedRows }: Readonly<{ reading: number; stagedRows: number }>,
): Promise<void> {
  const staged = await countStaged(client, [reading]);
  if (staged === stagedRows) return;
  throw new TillcastError(
    'ETL_PG',
    `staging holds ${staged} of the ${stagedRows} rows that were read: nothing was applied; they are read again`,
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
