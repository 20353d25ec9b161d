import { keepLogLine } from '../lib/postgres/runLog.ts';
import type { Pipeline, Report } from './pipeline.ts';

/** Lines that wait for PostgreSQL; when it is away longer, the worker's own log has them. */
const mostWaiting = 100;

/**
 * A report that the ledger keeps as well, for the run's page. Lines are written one after the other and never hold up or
 * fail the work; `settled` waits for those that are under way.
 */
export function keepingLog(
  pipeline: Pipeline,
  runId: string,
  report: Report,
): { report: Report; settled(): Promise<void> } {
  let last: Promise<void> = Promise.resolve();
  let waiting = 0;
  return {
    report(line, percent) {
      report(line, percent);
      // A single word is a mark of progress, not a line.
      if (!line.includes(' ') || waiting >= mostWaiting) return;
      waiting += 1;
      last = last
        .then(() => keepLogLine(pipeline.db, runId, line))
        .catch(() => undefined)
        .finally(() => {
          waiting -= 1;
        });
    },
    settled: () => last,
  };
}

/** Does `work` with a report that is kept. */
export async function withKeptLog<T>(
  pipeline: Pipeline,
  runId: string,
  report: Report,
  work: (report: Report) => Promise<T>,
): Promise<T> {
  const kept = keepingLog(pipeline, runId, report);
  try {
    return await work(kept.report);
  } finally {
    await kept.settled();
  }
}
