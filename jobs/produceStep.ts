import { countRun, type Run } from '../lib/postgres/ledger.ts';
import type { Pipeline, Report } from './pipeline.ts';
import { type ProduceResult, produce, roundCounts } from './produce.ts';

/** The produce step of a run with one round: what it read shows in the ledger before it counts. */
export async function produceStep(
  pipeline: Pipeline,
  run: Run,
  signal: AbortSignal,
  report: Report,
): Promise<ProduceResult> {
  const result = await produce(pipeline, run, new Date(), signal, report);
  await countRun(pipeline.db, run.run_id, roundCounts(result));
  return result;
}
