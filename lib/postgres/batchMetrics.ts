import { type Database, query } from './pool.ts';

/** One batch of a run: rows, when they were sent on average, and how long each part took. */
export type BatchMetric = Readonly<{
  rows: number;
  meanSentAt: Date | null;
  startedAt: Date;
  finishedAt: Date;
  kafkaWaitMs: number;
  parseMs: number;
  postgresMs: number;
  /** null where MongoDB got the rows later, with those of other batches. */
  mongodbMs: number | null;
}>;

export async function keepBatchMetric(db: Database, runSeq: number, metric: BatchMetric): Promise<void> {
  await query(
    db,
    `INSERT INTO batch_metric (run_seq, rows, mean_sent_at, started_at, finished_at, kafka_wait_ms, parse_ms,
                               postgres_ms, mongodb_ms)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      runSeq,
      metric.rows,
      metric.meanSentAt,
      metric.startedAt,
      metric.finishedAt,
      metric.kafkaWaitMs,
      metric.parseMs,
      metric.postgresMs,
      metric.mongodbMs,
    ],
  );
}

/** More than latency.csv shows are not kept. */
const keptBatches = 20_000;

export async function dropOldMetrics(db: Database): Promise<void> {
  await query(db, 'DELETE FROM batch_metric WHERE batch_id <= (SELECT max(batch_id) FROM batch_metric) - $1', [
    keptBatches,
  ]);
}
