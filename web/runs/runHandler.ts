import type { RequestHandler } from 'express';
import { whyLeft } from '../../jobs/retryRun.ts';
import { filesOf, pastRun } from '../../lib/postgres/runHistory.ts';
import { logOf } from '../../lib/postgres/runLog.ts';
import { stepsOf } from '../../lib/postgres/runSteps.ts';
import { withPatience } from '../patience.ts';
import { refuse } from '../refuse.ts';
import type { WebInput } from '../webInput.ts';
import { runPage } from './runPage.ts';
import { sayingOf } from './sayings.ts';

const patienceMs = 8_000;
const filesShown = 100;
export const away = 'PostgreSQL or Redis does not answer; this page works again when they do, and nothing is lost';

/** The page of one run. */
export function run({ pipeline }: WebInput): RequestHandler {
  return async (request, response) => {
    const runId = String(request.params.run_id);
    const found = await withPatience(readRun(pipeline.db, runId), patienceMs, away);
    if (found === undefined) return refuse(request, response, 404, `there is no run ${runId.slice(0, 64)}`);
    const word = sayingOf(request.query.said);
    response.type('html').send(runPage({ ...found, now: new Date(), dataset: pipeline.settings.dataset, word }));
  };
}

type Db = WebInput['pipeline']['db'];

export async function readRun(db: Db, runId: string) {
  const found = await pastRun(db, runId);
  if (found === undefined) return undefined;
  const [steps, log, { files, total }, retryLeft] = await Promise.all([
    stepsOf(db, found.run_seq),
    logOf(db, found.run_seq),
    filesOf(db, found.run_seq, filesShown),
    found.status === 'failed' ? whyLeft(db, found) : undefined,
  ]);
  return { run: found, steps, log, files, filesInAll: total, retryLeft };
}
